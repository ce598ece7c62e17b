/** Removes what has expired, and what is too much, from SQLite. */
import {
  IDLE_CLIENT,
  KEPT_DOCUMENT,
  MOST_UNUSED_CLIENTS,
  MOST_UNUSED_DOCUMENTS,
  UNUSED_CLIENT,
} from "../contract/clients.ts";
import { GRANT_ALONE, KEPT_REVOCATIONS } from "../contract/grants.ts";
import { now, type Database } from "./database.ts";

/** A statement for each table: none of them holds others up for long. */
export function sweep(database: Database): void {
  database.run("DELETE FROM records WHERE expires <= ?", now());
  database.run(
    "DELETE FROM grants WHERE created < ? AND id NOT IN (SELECT id FROM records WHERE model = 'Grant')",
    now() - GRANT_ALONE,
  );
  database.run("DELETE FROM revocations WHERE at < ?", now() - KEPT_REVOCATIONS);
  database.run("DELETE FROM login_steps WHERE expires < ?", Date.now());
  sweepDocuments(database);
  sweepClients(database);
}

function sweepDocuments(database: Database): void {
  database.run("DELETE FROM documents WHERE fetched < ?", now() - KEPT_DOCUMENT);
  const unused =
    "SELECT url FROM documents WHERE url NOT IN (SELECT client FROM grants) ORDER BY fetched DESC LIMIT -1 OFFSET ?";
  database.run(`DELETE FROM documents WHERE url IN (${unused})`, MOST_UNUSED_DOCUMENTS);
}

function sweepClients(database: Database): void {
  const unused = "used IS NULL AND id NOT IN (SELECT client FROM grants)";
  database.run(`DELETE FROM clients WHERE ${unused} AND created < ?`, now() - UNUSED_CLIENT);
  const idle = "used < ? AND id NOT IN (SELECT client FROM grants)";
  database.run(`DELETE FROM clients WHERE ${idle}`, now() - IDLE_CLIENT);
  const first = `SELECT id FROM clients WHERE ${unused} ORDER BY created DESC LIMIT -1 OFFSET ?`;
  database.run(`DELETE FROM clients WHERE id IN (${first})`, MOST_UNUSED_CLIENTS);
}
