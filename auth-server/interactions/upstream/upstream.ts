/** A login elsewhere: at an OpenID provider, or at GitHub. */
import { createHash, randomBytes } from "node:crypto";

/** Somebody who has logged in there. */
export interface Identity {
  /** Who says so. */
  readonly issuer: string;
  /** Who it is there: never given to another one. */
  readonly subject: string;
  /** An address that the issuer has verified. */
  readonly email: string;
}

/** What a login is begun with. */
export interface Start {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly challenge: string;
}

/** What it returns with. */
export interface Return {
  readonly redirectUri: string;
  readonly code: string;
  /** Which issuer has answered (RFC 9207); undefined = it did not say. */
  readonly iss: string | undefined;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Upstream {
  /** What people call it: `GitHub`, `login.example.org`. */
  readonly called: string;
  /** Where the browser is sent. @throws UpstreamError */
  start(start: Start): Promise<URL>;
  /** Who has logged in. @throws UpstreamError */
  finish(back: Return): Promise<Identity>;
}

/** The other server cannot be used, or what it says is not to be believed. Its message is for the log. */
export class UpstreamError extends Error {}

const random = () => randomBytes(32).toString("base64url");

/** What proves that an answer belongs to its question. @param uid the login, which the state names first */
export const newExpected = (uid: string) => ({ state: `${uid}.${random()}`, nonce: random(), verifier: random() });

/** RFC 7636, section 4.2: S256. */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");
