/** Removes what has expired. */
import { now, type Database } from "./database.ts";
import { sweepClients } from "./clients.ts";

/** Seconds for which a revocation is kept: a stream that was closed for longer makes its gateway forget everything anyway. */
const REVOCATIONS = 3_600;
/** Seconds for which a metadata document is kept that nobody could fetch again. */
const DOCUMENTS = 30 * 86_400;

/** Removes what has expired, and clients that nobody uses. */
export function sweep(database: Database): void {
  database.run("DELETE FROM records WHERE expires <= ?", now());
  database.run("DELETE FROM grants WHERE id NOT IN (SELECT id FROM records WHERE model = 'Grant')");
  database.run("DELETE FROM revocations WHERE at < ?", now() - REVOCATIONS);
  database.run("DELETE FROM documents WHERE fetched < ?", now() - DOCUMENTS);
  sweepClients(database);
}
