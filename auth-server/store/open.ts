/** Which store there is: Redis where STATE_URL names one, else SQLite in the data folder. */
import type { State } from "../config.ts";
import { databaseIn } from "./sqlite/data-folder.ts";
import { SqliteStore } from "./sqlite/store.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store of the server, and of the commands beside it. One in Redis may not be reached yet: `isThere` says.
 * @param tell what an operator should know: that the store is away, and that it is back
 * @throws Error of SQLite when its file cannot be used
 */
export async function openStore(state: State, tell: (text: string) => void): Promise<Store> {
  if (state.redis === undefined) return new SqliteStore(databaseIn(state.dataDir));
  const { RedisStore } = await import("./redis/store.ts"); // its library is loaded only then
  return new RedisStore(state.redis, tell);
}
