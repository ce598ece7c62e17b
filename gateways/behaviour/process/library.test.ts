/** A gateway in a program of one's own: createGateway(), addServer(), start(), close(). */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { lives, test, until } from "../../fixtures/harness.ts";
import { ConfigError, createGateway, type ServerOptions } from "../../library.ts";

const server = (...flags: string[]): ServerOptions => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/child.ts"), ...flags],
  sandbox: false, // there, its process would have another number
});

/** How many handlers this process has for what a program of its own decides. */
const handlers = () => ["SIGTERM", "SIGINT", "SIGHUP", "uncaughtException"].map((name) => process.listenerCount(name));

test("serves what was added, says so, and leaves nothing behind", async ({ roll }) => {
  const told: string[] = [];
  const gateway = createGateway({ port: 0, logLevel: "debug" }).addServer("fixture", server("--roll", roll.folder));
  gateway.on("listening", () => told.push("listening"));
  gateway.on("service", ({ name, state }) => told.push(`${name} ${state}`));
  expect(gateway.url).toBeUndefined();
  await gateway.start();
  expect(told).toEqual(["listening", "fixture starting", "fixture up"]);
  const url = gateway.urlOf("fixture");
  expect(gateway.services).toMatchObject([{ name: "fixture", state: "up", url }]);
  await new Client(url).open();
  await gateway.close();
  await until("its servers have ended", () => roll.all.every((pid) => !lives(pid)));
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("several gateways run side by side, and none touches the process", async ({ onTestFinished }) => {
  const before = handlers();
  const gateways = ["one", "two"].map((name) => createGateway({ port: 0 }).addServer(name, server()));
  onTestFinished(async () => void (await Promise.all(gateways.map((gateway) => gateway.close()))));
  await Promise.all(gateways.map((gateway) => gateway.start()));
  expect(new Set(gateways.map(({ url }) => url)).size).toBe(2);
  expect(handlers()).toEqual(before);
});

describe("a mistake is told where it is made", () => {
  const command = "node";
  const mistakes: Record<string, [() => unknown, string]> = {
    "an unknown option": [() => createGateway({ prot: 1 } as object), "createGateway: prot: unknown key"],
    "a bad value": [() => createGateway({ idleTtl: "soon" }), "createGateway: idleTtl: "],
    "a bad value of a server": [
      () => createGateway().addServer("a", { command, idleTtl: "soon" }),
      "createGateway: mcpServers.a.idleTtl: ",
    ],
    "no token off loopback": [() => createGateway({ host: "0.0.0.0" }).addServer("a", { command }), "token"],
    "an option of another shape": [
      () => createGateway({ tokens: "abc" } as object),
      "createGateway: tokens: expected a list",
    ],
    "an object in place of a value": [
      () => createGateway({ idleTtl: {} } as object),
      "createGateway: idleTtl: expected text",
    ],
    "a log that is no function": [
      () => createGateway({ log: console } as object),
      "createGateway: log: expected a function that takes lines",
    ],
    "options that are none": [
      () => createGateway("gateway.json" as unknown as object),
      "createGateway: expected an object",
    ],
    "an option of a process": [
      () => createGateway({ logFormat: "json" } as object),
      "createGateway: logFormat: it is for",
    ],
    "servers among the options": [
      () => createGateway({ mcpServers: {} } as object),
      "add each of them with addServer()",
    ],
    "a server that is none": [
      () => createGateway().addServer("a", "npx server" as unknown as object),
      'addServer("a"): expected an object',
    ],
    "a server without a command": [() => createGateway().addServer("a", {}), "expected one"],
    "a name with a space": [
      () => createGateway().addServer("A b", { command }),
      "expected a name of lower case letters",
    ],
    "a name twice": [() => createGateway().addServer("a", { command }).addServer("a", { command }), 'addServer("a")'],
  };
  for (const [name, [make, text]] of Object.entries(mistakes))
    test(name, () => {
      expect(make).toThrow(ConfigError);
      expect(make).toThrow(text);
    });

  test("no servers", () => expect(createGateway().start()).rejects.toThrow("call addServer() first"));
});
