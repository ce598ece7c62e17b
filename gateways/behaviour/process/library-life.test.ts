/** The life of a gateway in a program of one's own, whatever that calls and when. */
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { lives, test, until } from "../../fixtures/harness.ts";
import { ConfigError, createGateway, type GatewayOptions, type ServerOptions } from "../../library.ts";

const server = (...flags: string[]): ServerOptions => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/child.ts"), ...flags],
  sandbox: false, // there, its process would have another number
});

const gatewayOf = (own: ServerOptions, options: GatewayOptions = {}) =>
  createGateway({ port: 0, drainTimeout: "1s", ...options }).addServer("it", own);

const CLOSED = "the gateway is closed: create another one";

test("start() twice is one start", async ({ roll, onTestFinished }) => {
  const gateway = gatewayOf({ ...server("--roll", roll.folder), isolation: "shared" });
  onTestFinished(() => gateway.close());
  const first = gateway.start();
  await Promise.all([first, gateway.start()]);
  const url = gateway.urlOf("it");
  await gateway.start();
  expect(gateway.urlOf("it")).toBe(url);
  expect(roll.all).toHaveLength(1);
});

test("start() without a server may be called again with one", async ({ onTestFinished }) => {
  const gateway = createGateway({ port: 0 });
  onTestFinished(() => gateway.close());
  await expect(gateway.start()).rejects.toThrow(
    new ConfigError("start(): there are no servers: call addServer() first"),
  );
  await gateway.addServer("it", server()).start();
  expect(gateway.services).toMatchObject([{ state: "up" }]);
});

test("addServer() after start() is refused", async ({ onTestFinished }) => {
  const gateway = gatewayOf(server());
  onTestFinished(() => gateway.close());
  const started = gateway.start();
  const add = () => gateway.addServer("other", server());
  expect(add).toThrow('addServer("other"): the gateway has started: add all servers before start()');
  await started;
  expect(add).toThrow(ConfigError);
  expect(gateway.services).toHaveLength(1);
});

test("close() twice is one end, after which it has no address", async () => {
  const gateway = gatewayOf(server());
  const stopped: string[] = [];
  gateway.on("service", ({ state }) => stopped.push(state));
  await gateway.start();
  await Promise.all([gateway.close(), gateway.close()]);
  await gateway.close();
  expect(stopped.filter((state) => state === "stopped")).toHaveLength(1);
  expect([gateway.url, gateway.services[0]!.url, gateway.services[0]!.state]).toEqual([
    undefined,
    undefined,
    "stopped",
  ]);
  expect(() => gateway.urlOf("it")).toThrow('urlOf("it"): no service of this name listens');
});

test("what is closed stays closed", async () => {
  const gateway = gatewayOf(server());
  await gateway.close();
  await expect(gateway.start()).rejects.toThrow(`start(): ${CLOSED}`);
  expect(() => gateway.addServer("other", server())).toThrow(`addServer("other"): ${CLOSED}`);
  const started = gatewayOf(server());
  await started.start();
  await started.close();
  await expect(started.start()).rejects.toThrow(`start(): ${CLOSED}`);
});

describe("close() during start() ends what has been started, and start() rejects", () => {
  test("before the port is open", async () => {
    const gateway = gatewayOf(server());
    const told: string[] = [];
    gateway.on("listening", () => told.push("listening"));
    gateway.on("service", ({ state }) => told.push(state));
    const started = expect(gateway.start()).rejects.toThrow(`start(): ${CLOSED}`);
    await gateway.close();
    await started;
    expect([gateway.url, told]).toEqual([undefined, []]);
  });

  test("while a server starts", async ({ roll }) => {
    const gateway = gatewayOf(server("--roll", roll.folder, "--silent", "initialize"));
    const started = expect(gateway.start()).rejects.toThrow(`start(): ${CLOSED}`);
    await until("the server runs", () => roll.all.length > 0);
    const url = gateway.urlOf("it");
    await gateway.close();
    await started;
    await until("it has ended", () => roll.living.length === 0);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    expect(gateway.services).toMatchObject([{ state: "stopped" }]);
  });
});

test("a taken port rejects start() with who has it, and starts no server, whatever the drain delay", async ({
  roll,
  onTestFinished,
}) => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const gateway = gatewayOf(server("--roll", roll.folder), { port, drainDelay: "1h" });
  await expect(gateway.start()).rejects.toThrow(`port ${port} is taken by`);
  await expect(gateway.start()).rejects.toThrow(`port ${port} is taken by`);
  await gateway.close();
  expect([roll.all, gateway.url]).toEqual([[], undefined]);
});

test("a listener that throws does not end a step of the gateway", async ({ onTestFinished }) => {
  const thrown: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").on("uncaughtException", (error) => thrown.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  });
  const gateway = gatewayOf(server());
  onTestFinished(() => gateway.close());
  gateway.once("service", () => {
    throw new Error("a fault of the program");
  });
  await gateway.start();
  expect(gateway.services).toMatchObject([{ state: "up" }]);
  expect(thrown).toEqual([new Error("a fault of the program")]);
});

test("two gateways serve beside each other, and the end of one leaves the other", async ({ roll, onTestFinished }) => {
  const [one, other] = ["one", "other"].map((name) =>
    createGateway({ port: 0, drainTimeout: "1s" }).addServer(name, {
      ...server("--roll", roll.folder),
      isolation: "shared",
    }),
  ) as [ReturnType<typeof createGateway>, ReturnType<typeof createGateway>];
  onTestFinished(() => other.close());
  await Promise.all([one.start(), other.start()]);
  await one.close();
  expect((await fetch(new URL("/health", other.url))).status).toBe(200);
  expect(other.services).toMatchObject([{ name: "other", state: "up" }]);
  expect(roll.all.filter(lives)).toHaveLength(1);
});
