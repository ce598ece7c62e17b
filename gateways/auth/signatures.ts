/** How a JWT from somebody else may be signed, an access token as well as an ID token. */

/** Signatures that nobody can make who can only verify them: with a secret of two sides each could, and "none" proves nothing. */
export const SIGNATURES = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
