/** Keys that are made once and kept: what signs, and what signs cookies. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { JWK } from "oidc-provider";
import type { Key, Keys } from "./store.ts";

/** Days after which there is a new key for cookies. Those before it are still taken, for a login that is under way. */
const COOKIE_KEY_DAYS = 30;
/** How many of them are taken. */
const COOKIE_KEYS = 3;

/** The private key of the server. It signs nothing that a client sees today, as access tokens are opaque. */
export async function signingKeys(keys: Keys): Promise<{ keys: JWK[] }> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const made = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: nameOfKey() };
  return { keys: [JSON.parse(await keys.keep("signing", JSON.stringify(made))) as JWK] };
}

/** Seconds in which a new key for cookies is only taken: a process that started before may not know it yet. */
const COOKIE_KEY_REST = 2 * 86_400;

/**
 * What signs cookies. The first signs; the others are taken.
 * @param secret the operator's own, which is then the only one
 */
export async function cookieKeys(keys: Keys, secret: string | undefined): Promise<string[]> {
  if (secret !== undefined) return [secret];
  const now = Math.floor(Date.now() / 1_000);
  const period = Math.floor(now / (COOKIE_KEY_DAYS * 86_400));
  await keys.keep(`${COOKIE} ${period}`, randomBytes(32).toString("base64url"));
  const found = await keys.list(`${COOKIE} `, COOKIE_KEYS);
  const isNew = ({ created }: Key) => created > now - COOKIE_KEY_REST;
  return [...found.filter((key) => !isNew(key)), ...found.filter(isNew)].map(({ value }) => value);
}

/** How their names begin. */
const COOKIE = "cookie";

const nameOfKey = () => randomBytes(8).toString("base64url");
