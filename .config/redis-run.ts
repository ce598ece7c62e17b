/** Around a test run with Redis: a server for all tests, each of which has keys of its own. */
import { rmSync } from "node:fs";
import { freePort } from "../gateways/fixtures/free-port.ts";
import { redisIsMissing, RedisServer } from "../auth-server/fixtures/redis-server.ts";

export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  if (redisIsMissing !== undefined) return undefined;
  const server = new RedisServer(await freePort());
  await server.start();
  process.env["TESTS_REDIS_URL"] = server.url;
  process.env["TESTS_REDIS_FOLDER"] = server.folder;
  return async () => {
    await server.stop();
    rmSync(server.folder, { recursive: true });
  };
}
