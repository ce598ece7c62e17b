/** Random secrets that people are given once: only their digests are kept. */
import { hash, randomBytes } from "node:crypto";

/** 256 bits for a URL. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** What is kept of a secret. It is random, so nobody can guess it from its digest. */
export const digestOf = (secret: string): string => hash("sha256", secret, "hex");

/** How many recovery codes a user is given. */
const CODES = 10;

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";

/** Codes for a user who has lost the authenticator app, of 59 bits each: `abcd-efgh-jkmn`. */
export const newRecoveryCodes = (): string[] => Array.from({ length: CODES }, () => [four(), four(), four()].join("-"));

/** The one spelling of a recovery code, whatever was typed between its letters. */
export const recoveryCode = (typed: string): string =>
  (
    typed
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, "")
      .match(/.{1,4}/g) ?? []
  ).join("-");

const four = () => Array.from({ length: 4 }, letter).join("");

/** Bytes that would make the first letters likelier are drawn again. */
function letter(): string {
  const byte = randomBytes(1)[0]!;
  return byte < 256 - (256 % ALPHABET.length) ? ALPHABET[byte % ALPHABET.length]! : letter();
}
