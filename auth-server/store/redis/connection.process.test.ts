/** The ways to a Redis: TLS, a user of its own, Sentinel. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { certificateFor } from "../../../gateways/fixtures/certificate.ts";
import { until } from "../../../gateways/fixtures/harness.ts";
import { startRacer } from "../../fixtures/racer.ts";
import { newRedis, redisIsMissing, startRedis } from "../../fixtures/redis-server.ts";
import { RedisStore } from "./store.ts";

const PASSWORD = "a-password-of-a-user";

function storeAt(url: string, password?: string): RedisStore {
  const store = new RedisStore({ url, password, prefix: "gangway:auth:" }, () => {});
  onTestFinished(() => store.close());
  return store;
}

const user = (id: string) => ({ id, name: id, teams: [], password: undefined, totp: undefined, created: 1 });

describe.skipIf(redisIsMissing !== undefined)(`Redis: ${redisIsMissing ?? "Redis"}`, () => {
  test("is reached by TLS, if its certificate is trusted and is for its name", async () => {
    const server = await newRedis();
    const { key, cert } = certificateFor("localhost");
    const [keyFile, certFile] = [join(server.folder, "key.pem"), join(server.folder, "cert.pem")];
    writeFileSync(keyFile, key);
    writeFileSync(certFile, cert);
    const files = { "tls-cert-file": certFile, "tls-key-file": keyFile, "tls-ca-cert-file": certFile };
    await server.start({ port: "0", "tls-port": `${server.port}`, "tls-auth-clients": "no", ...files });
    const trusting = { NODE_EXTRA_CA_CERTS: certFile };
    const racer = await startRacer(`rediss://localhost:${server.port}`, trusting);
    onTestFinished(async () => void (await racer.stop()));
    expect(await racer.race({ part: "users", method: "list", tries: [[]] })).toEqual([[]]);
    await expect(startRacer(`rediss://localhost:${server.port}`)).rejects.toThrow(/self-signed certificate/);
    await expect(startRacer(`rediss://127.0.0.1:${server.port}`, trusting)).rejects.toThrow(/IP: 127.0.0.1 is not/);
  });

  test("lets a user in who may use the keys of the store alone, and no dangerous command but INFO", async () => {
    const server = await startRedis();
    server.cli("acl", "setuser", "gangway", "on", `>${PASSWORD}`, "~gangway:auth:*", "+@all", "-@dangerous", "+info");
    const store = storeAt(`redis://gangway@127.0.0.1:${server.port}/0`, PASSWORD);
    await store.isThere();
    expect(await store.users.add(user("ada"))).toBe(true);
    await store.sweep();
    expect(await store.users.list()).toMatchObject([{ name: "ada" }]);
  });

  test("is the replica that Sentinel has put in the place of a master that was killed", async () => {
    const master = await startRedis();
    const replica = await startRedis({ replicaof: `127.0.0.1 ${master.port}` });
    await until("the replica follows", () => replica.cli("info", "replication").includes("master_link_status:up"));
    const sentinel = await newRedis();
    await sentinel.startSentinel("main", master);
    await until("Sentinel knows it", () => sentinel.cli("sentinel", "replicas", "main").includes(`${replica.port}`));
    const store = storeAt(`redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/main`);
    await until("it is there", () =>
      store.isThere().then(
        () => true,
        () => false,
      ),
    );
    expect(await store.users.add(user("ada"))).toBe(true);
    await until("it is replicated", () => replica.cli("dbsize").trim() !== "0");
    await master.stop("SIGKILL");
    await until("another one is the master", () => store.users.add(user("bob")).catch(() => false));
    expect((await store.users.list()).map(({ name }) => name)).toEqual(["ada", "bob"]);
  });
});
