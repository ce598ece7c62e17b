/** Browsers in which somebody is logged in. */
import type { Database } from "./database.ts";

/** Logs one out. Only the digest of its cookie is kept, so oidc-provider cannot: it knows the session by its uid alone. */
export const endSession = (database: Database, uid: string): number =>
  database.run("DELETE FROM records WHERE model = 'Session' AND uid = ?", uid);
