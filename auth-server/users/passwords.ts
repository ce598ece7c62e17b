/** Passwords: hashed with argon2id, or with scrypt where Node has no argon2. The parameters stand in each hash (PHC string format). */
import { randomBytes, scrypt, timingSafeEqual, type Argon2Parameters } from "node:crypto";
import * as crypto from "node:crypto";
import { promisify } from "node:util";

/** Characters of a password. NIST SP 800-63B-4, section 3.1.1.2, asks for 15 where it is the only factor. */
export const SHORTEST = 12;
export const LONGEST = 256;

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
const ARGON2 = { m: 19_456, t: 2, p: 1 };
const SCRYPT = { ln: 17, r: 8, p: 1 };

const LENGTH = 32;

/** A password that nobody may have. */
export class BadPassword extends Error {}

/** @throws BadPassword */
export function requirePassword(password: string): void {
  const length = Array.from(password).length;
  if (length < SHORTEST) throw new BadPassword(`The password is too short. Use at least ${SHORTEST} characters.`);
  if (length > LONGEST) throw new BadPassword(`The password is too long. Use at most ${LONGEST} characters.`);
}

/** One spelling of a password whatever keyboard typed it (RFC 8265, section 4.2). */
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize("NFC"), "utf8");

const hasArgon2 = typeof crypto.argon2 === "function";

/** The hash of a password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  if (hasArgon2) return phc("argon2id$v=19", ARGON2, salt, await argon2id(password, salt, ARGON2, LENGTH));
  return phc("scrypt", SCRYPT, salt, await scrypted(password, salt, SCRYPT, LENGTH));
}

/** Whether a password is the one of a hash. A hash that cannot be read is nobody's. */
export async function fits(password: string, hash: string): Promise<boolean> {
  const read = readPhc(hash);
  if (read === undefined) return false;
  const { parameters, salt, digest } = read;
  return timingSafeEqual(await digestWith(parameters, password, salt, digest.length), digest);
}

/** Whether a hash was made with other parameters than those of today. */
export const isOutdated = (hash: string): boolean => !hash.startsWith(hasArgon2 ? TODAY.argon2id : TODAY.scrypt);

const written = (parameters: Readonly<Record<string, number>>) =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");

const TODAY = { argon2id: `$argon2id$v=19$${written(ARGON2)}$`, scrypt: `$scrypt$${written(SCRYPT)}$` };

const phc = (head: string, parameters: Readonly<Record<string, number>>, salt: Buffer, digest: Buffer) =>
  `$${head}$${written(parameters)}$${unpadded(salt)}$${unpadded(digest)}`;

const unpadded = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");

type Parameters =
  { readonly kind: "argon2id"; readonly of: typeof ARGON2 } | { readonly kind: "scrypt"; readonly of: typeof SCRYPT };

const PHC = /^\$(?:argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)|scrypt\$ln=(\d+),r=(\d+),p=(\d+))\$([\w+/]+)\$([\w+/]+)$/;

function readPhc(hash: string): { parameters: Parameters; salt: Buffer; digest: Buffer } | undefined {
  const found = PHC.exec(hash);
  if (!found) return undefined;
  const [m, t, p, ln, r, lanes] = found.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const parameters: Parameters = found[1]
    ? { kind: "argon2id", of: { m, t, p } }
    : { kind: "scrypt", of: { ln, r, p: lanes } };
  return { parameters, salt: Buffer.from(found[7]!, "base64"), digest: Buffer.from(found[8]!, "base64") };
}

const digestWith = (parameters: Parameters, password: string, salt: Buffer, length: number): Promise<Buffer> =>
  parameters.kind === "argon2id"
    ? argon2id(password, salt, parameters.of, length)
    : scrypted(password, salt, parameters.of, length);

function argon2id(password: string, nonce: Buffer, { m, t, p }: typeof ARGON2, tagLength: number): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    message: bytesOf(password),
    nonce,
    memory: m,
    passes: t,
    parallelism: p,
    tagLength,
  };
  return promisify(crypto.argon2)("argon2id", parameters);
}

function scrypted(password: string, salt: Buffer, { ln, r, p }: typeof SCRYPT, length: number): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
  return new Promise((resolve, reject) => {
    scrypt(bytesOf(password), salt, length, options, (error, digest) => (error ? reject(error) : resolve(digest)));
  });
}
