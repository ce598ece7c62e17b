/** Which store there is: Redis where STATE_URL names one, else SQLite in the data folder. */
import type { State } from "../config.ts";
import { databaseIn } from "./sqlite/data-folder.ts";
import { SqliteStore } from "./sqlite/store.ts";
import { StoreRefused, type Store } from "./store.ts";

/**
 * Opens the store of the server, and of the commands beside it. One in Redis may not be reached yet: `isThere` says.
 * @param tell what an operator should know: that the store is away, and that it is back
 * @throws Error of SQLite when its file cannot be used @throws StoreRefused where the library for Redis is missing
 */
export async function openStore(state: State, tell: (text: string) => void): Promise<Store> {
  if (state.redis === undefined) return new SqliteStore(databaseIn(state.dataDir));
  const { RedisStore } = await loadRedis();
  return new RedisStore(state.redis, tell);
}

/** Its library is loaded only then, and is no part of the package gangway-auth. @throws StoreRefused where it is missing */
async function loadRedis() {
  try {
    return await import("./redis/store.ts");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new StoreRefused("STATE_URL needs ioredis, which is not here: npm install ioredis@6 beside gangway-auth", {
      cause,
    });
  }
}
