/** What a gateway tells the program that it is in, and when. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { test as plain, until } from "../../fixtures/harness.ts";
import { SseClient } from "../../fixtures/sse-client.ts";
import { createGateway, type EmbeddedGateway, type GatewayOptions, type ServerOptions } from "../../library.ts";

const server = (...flags: string[]): ServerOptions => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/child.ts"), ...flags],
});

interface Watched {
  readonly gateway: EmbeddedGateway;
  /** What it has told, in words, and its log. */
  readonly told: readonly string[];
  readonly log: () => readonly { readonly [field: string]: unknown }[];
}

/** A test with gateways whose events are written down. They are closed with the test. */
const test = plain.extend<{ watch: (own: ServerOptions, options?: GatewayOptions) => Watched }>({
  watch: ({ onTestFinished }, use) =>
    use((own, options) => {
      const told: string[] = [];
      let log = "";
      const gateway = createGateway({ port: 0, drainTimeout: "1s", log: (lines) => void (log += lines), ...options });
      gateway.on("listening", ({ url }) => told.push(`listening at ${url.replace(/\d+\/$/, "")}`));
      gateway.on("service", ({ name, state }) => told.push(`${name} ${state}`));
      gateway.on("error", ({ service, message }) => told.push(`error of ${service}: ${message}`));
      gateway.on("session", ({ service, state, transport, client, principal, reason }) =>
        told.push([service, state, transport, client, principal, reason ?? ""].join(" ").trim()),
      );
      onTestFinished(() => gateway.close());
      const lines = () => log.split("\n").filter((line) => line !== "");
      return {
        gateway: gateway.addServer("it", own),
        told,
        log: () => lines().map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
      };
    }),
});

const LISTENING = "listening at http://127.0.0.1:";

test("listening is told when the port is open, before the services have settled", async ({ watch, roll }) => {
  const gate = `${roll.folder}.gate`;
  writeFileSync(gate, "");
  const { gateway, told } = watch(server("--gate", gate));
  const started = gateway.start();
  await until("its service starts", () => told.length === 2);
  expect(told).toEqual([LISTENING, "it starting"]);
  expect((await fetch(new URL("/health", gateway.url))).status).toBe(200);
  rmSync(gate);
  await started;
  expect(told).toEqual([LISTENING, "it starting", "it up"]);
});

test("a service tells each of its states, from starting to stopped", async ({ watch }) => {
  const { gateway, told } = watch({ ...server(), isolation: "shared" });
  await gateway.start();
  await (await new Client(gateway.urlOf("it")).open()).tool("crash");
  await until("it is up again", () => told.at(-1) === "it up" && told.length > 4);
  await gateway.close();
  const states = told.filter((line) => /^it (?!opened|closed)/.test(line));
  expect(states).toEqual(["it starting", "it up", "it failed", "it up", "it stopped"]);
});

test("a service that cannot start fails in the words of the log, and start() resolves", async ({ watch }) => {
  const { gateway, told, log } = watch(server("--exit", "no database"));
  await gateway.start();
  const [status] = gateway.services;
  expect(status).toMatchObject({ state: "failed", error: expect.stringContaining("exit code 1") as string });
  expect(told).toEqual([LISTENING, "it starting", "it failed", `error of it: ${status!.error}`]);
  expect(log()).toContainEqual(expect.objectContaining({ service: "it", state: "failed", error: status!.error }));
});

test("a failure that nobody listens for throws nothing", async ({ onTestFinished }) => {
  const gateway = createGateway({ port: 0 }).addServer("it", server("--exit", "no database"));
  onTestFinished(() => gateway.close());
  await gateway.start();
  expect(gateway.services).toMatchObject([{ state: "failed" }]);
});

test("a service that needs something says so, and is no error", async ({ watch }) => {
  const { gateway, told } = watch({ command: "node", env: { KEY: "${NO_SUCH_VARIABLE_HERE}" } });
  await gateway.start();
  expect(told).toEqual([LISTENING, "it needs"]);
  expect(gateway.services[0]!.error).toContain("NO_SUCH_VARIABLE_HERE");
});

describe("a session tells who opened it and why it ended", () => {
  test("with DELETE", async ({ watch }) => {
    const { gateway, told } = watch(server(), { tokens: ["a-token-that-is-long-enough-0123456789"] });
    await gateway.start();
    const authorization = "Bearer a-token-that-is-long-enough-0123456789";
    const client = await new Client(gateway.urlOf("it"), { authorization }).open();
    const headers = { authorization, "mcp-session-id": client.session };
    await fetch(gateway.urlOf("it"), { method: "DELETE", headers });
    await until("it is closed", () => told.at(-1)?.includes("closed"));
    const principal = /token-[\da-f]{8}/.exec(told.at(-1)!)?.[0];
    expect(told.slice(-2)).toEqual([
      `it opened http test 1 ${principal}`,
      `it closed http test 1 ${principal} deleted`,
    ]);
  });

  test("with the end of its stream", async ({ watch }) => {
    const { gateway, told } = watch(server());
    await gateway.start();
    const client = await new SseClient(gateway.urlOf("it").replace(/mcp$/, "sse")).open();
    client.leave();
    await until("it is closed", () => told.at(-1)?.includes("closed"));
    expect(told.slice(-2)).toEqual([
      "it opened sse test 1 anonymous",
      expect.stringMatching(/^it closed sse test 1 anonymous \S+/),
    ]);
  });

  test("with the gateway", async ({ watch }) => {
    const { gateway, told } = watch(server());
    await gateway.start();
    await new Client(gateway.urlOf("it")).open();
    await gateway.close();
    expect(told.slice(-3)).toEqual([
      "it opened http test 1 anonymous",
      "it closed http test 1 anonymous shutting-down",
      "it stopped",
    ]);
  });
});
