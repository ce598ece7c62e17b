/** Keys that are made once and kept: what signs, and what signs cookies. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { JWK } from "oidc-provider";
import { now, type Database } from "./database.ts";

/** Days after which there is a new key for cookies. Those before it are still taken, for a login that is under way. */
const COOKIE_KEY_DAYS = 30;
/** How many of them are taken. */
const COOKIE_KEYS = 3;

/** The private key of the server. It signs nothing that a client sees today, as access tokens are opaque. */
export function signingKeys(database: Database): { keys: JWK[] } {
  const kept = keep(database, "signing", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return JSON.stringify({ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: nameOfKey() });
  });
  return { keys: [JSON.parse(kept) as JWK] };
}

/** Seconds in which a new key for cookies is only taken: a process that started before may not know it yet. */
const COOKIE_KEY_REST = 2 * 86_400;

/**
 * What signs cookies. The first signs; the others are taken.
 * @param secret the operator's own, which is then the only one
 */
export function cookieKeys(database: Database, secret: string | undefined): string[] {
  if (secret !== undefined) return [secret];
  const period = Math.floor(now() / (COOKIE_KEY_DAYS * 86_400));
  keep(database, `cookie ${period}`, () => randomBytes(32).toString("base64url"));
  const sql = "SELECT value FROM keys WHERE name LIKE 'cookie %' ORDER BY created > ?, created DESC LIMIT ?";
  return database.all<{ value: string }>(sql, now() - COOKIE_KEY_REST, COOKIE_KEYS).map(({ value }) => value);
}

/** Two processes that start at once agree on the same one. */
function keep(database: Database, name: string, make: () => string): string {
  database.run("INSERT OR IGNORE INTO keys (name, value, created) VALUES (?, ?, ?)", name, make(), now());
  return database.get<{ value: string }>("SELECT value FROM keys WHERE name = ?", name)!.value;
}

const nameOfKey = () => randomBytes(8).toString("base64url");
