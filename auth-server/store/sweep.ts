/** Removes what has expired. */
import { now, type Database } from "./database.ts";
import { sweepClients } from "./clients.ts";

/** Seconds for which a revocation is kept: a stream that was closed for longer makes its gateway forget everything anyway. */
const REVOCATIONS = 3_600;
/** Seconds for which a metadata document is kept that nobody could fetch again. */
const DOCUMENTS = 30 * 86_400;
/** How many documents are kept of clients with which nobody is logged in: whoever has a domain can write any number. */
const UNUSED_DOCUMENTS = 2_000;

/** Removes what has expired, and clients that nobody uses. */
export function sweep(database: Database): void {
  database.run("DELETE FROM records WHERE expires <= ?", now());
  database.run("DELETE FROM grants WHERE id NOT IN (SELECT id FROM records WHERE model = 'Grant')");
  database.run("DELETE FROM revocations WHERE at < ?", now() - REVOCATIONS);
  database.run("DELETE FROM documents WHERE fetched < ?", now() - DOCUMENTS);
  const unused =
    "SELECT url FROM documents WHERE url NOT IN (SELECT client FROM grants) ORDER BY fetched DESC LIMIT -1 OFFSET ?";
  database.run(`DELETE FROM documents WHERE url IN (${unused})`, UNUSED_DOCUMENTS);
  sweepClients(database);
}
