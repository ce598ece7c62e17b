/** One-time codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds, as all apps have them). */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const SECONDS = 30;
const DIGITS = 6;

/** How many steps a clock may be wrong, in both directions (RFC 6238, section 5.2). */
const DRIFT = 1;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret in Base32, as people type it into an app. */
export const newTotpSecret = (): string => base32(randomBytes(20));

/** What an app reads from a QR code. */
export const totpUri = (secret: string, user: string, issuer: string): string =>
  `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(user)}?${new URLSearchParams({ secret, issuer }).toString()}`;

/** The step of a time. @param now milliseconds since 1970 */
export const stepAt = (now: number): number => Math.floor(now / 1_000 / SECONDS);

/** The code of a step. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, "0");
}

/**
 * The step that a code belongs to.
 * @param after the last step that was used: neither it nor one before it counts again (RFC 6238, section 5.2)
 * @returns undefined when the code is wrong or was used
 */
export function stepOf(code: string, secret: string, after: number, now: number): number | undefined {
  const digits = code.replaceAll(/[\s-]/g, "");
  if (!/^\d{6}$/.test(digits)) return undefined;
  const current = stepAt(now);
  const steps = Array.from({ length: 2 * DRIFT + 1 }, (_, at) => current - DRIFT + at);
  return steps.filter((step) => step > after && isSame(totpCode(secret, step), digits)).at(0);
}

const isSame = (one: string, other: string) => timingSafeEqual(Buffer.from(one), Buffer.from(other));

function base32(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join("");
}

function bytesOf(secret: string): Buffer {
  const bits = Array.from(secret, (char) => ALPHABET.indexOf(char).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
