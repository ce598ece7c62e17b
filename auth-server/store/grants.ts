/**
 * Grants: what a user has allowed one client once. Each login makes one of its own, so that ending one leaves the other
 * installations of the same client alone. The id of a grant is that of its flow in the log.
 */
import { now, type Database } from "./database.ts";

/** A grant, as the operator sees it. */
export interface Grant {
  readonly id: string;
  /** The id of the user. */
  readonly account: string;
  readonly client: string;
  readonly clientName: string | undefined;
  readonly redirectUri: string;
  /** The URL of the service. */
  readonly resource: string;
  readonly scope: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970: when a token was last issued, or a gateway last asked about one. */
  readonly used: number;
  /** The address of the browser in which the user has logged in; undefined for grants of the first release. */
  readonly address: string | undefined;
}

/** A grant that has ended. */
export interface Revoked {
  readonly number: number;
  readonly grant: string;
  readonly account: string | null;
  readonly client: string | null;
}

interface Row {
  readonly id: string;
  readonly account: string;
  readonly client: string;
  readonly client_name: string | null;
  readonly redirect_uri: string;
  readonly resource: string;
  readonly scope: string;
  readonly created: number;
  readonly used: number;
  readonly address: string | null;
}

/** Notes a new grant. */
export function addGrant(database: Database, grant: Omit<Grant, "created" | "used">): void {
  const { id, account, client, clientName, redirectUri, resource, scope, address } = grant;
  database.run(
    `INSERT OR REPLACE INTO grants (id, account, client, client_name, redirect_uri, resource, scope, created, used, address)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    account,
    client,
    clientName ?? null,
    redirectUri,
    resource,
    scope,
    now(),
    now(),
    address ?? null,
  );
}

/** Seconds in which a grant that is used again is not written again. */
const USED_AGAIN = 60;

/** Notes that a token was issued or used. */
export function touchGrant(database: Database, id: string): void {
  const used = "SELECT 1 AS known FROM grants WHERE id = ? AND used > ?";
  if (database.get(used, id, now() - USED_AGAIN)) return; // reading waits for no other process
  database.run("UPDATE grants SET used = ? WHERE id = ?", now(), id);
}

/** Grants that are alive, the newest first. */
export function listGrants(database: Database, only: { account?: string; client?: string } = {}): Grant[] {
  const sql = `SELECT * FROM grants WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR client = ?2) ORDER BY created DESC, id`;
  return database.all<Row>(sql, only.account ?? null, only.client ?? null).map(grantOf);
}

/** The grant; undefined when it has ended. */
export function findGrant(database: Database, id: string): Grant | undefined {
  const row = database.get<Row>("SELECT * FROM grants WHERE id = ?", id);
  return row && grantOf(row);
}

/** Ends a grant with every code and token that came of it. Whoever remembers one is told. */
export function endGrant(database: Database, id: string): void {
  database.transaction(() => {
    database.run("DELETE FROM records WHERE grant_id = ? OR (model = 'Grant' AND id = ?)", id, id);
    tellRevoked(database, id);
    database.run("DELETE FROM grants WHERE id = ?", id);
  });
}

/** Ends the grants of a user or of a client. @returns those that have ended */
export function endGrants(database: Database, only: { account?: string; client?: string }): Grant[] {
  const found = listGrants(database, only);
  for (const { id } of found) endGrant(database, id);
  return found;
}

/** Whoever remembers a token of this grant asks again. */
export const tellRevoked = (database: Database, id: string): number =>
  database.run(
    `INSERT INTO revocations (grant_id, at, account, client)
     SELECT ?1, ?2, (SELECT account FROM grants WHERE id = ?1), (SELECT client FROM grants WHERE id = ?1)`,
    id,
    now(),
  );

/** The number of the latest revocation. */
export const lastRevocation = (database: Database): number =>
  database.get<{ last: number | null }>("SELECT max(number) AS last FROM revocations")?.last ?? 0;

/** The revocations after one, in their order. */
export const revocationsAfter = (database: Database, number: number): Revoked[] =>
  database.all(
    "SELECT number, grant_id AS grant, account, client FROM revocations WHERE number > ? ORDER BY number",
    number,
  );

const grantOf = ({ client_name: clientName, redirect_uri: redirectUri, address, ...same }: Row): Grant => ({
  ...same,
  address: address ?? undefined,
  clientName: clientName ?? undefined,
  redirectUri,
});
