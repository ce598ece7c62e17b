/** What an entry says to its gateway has the same effect in a container as with `npm start`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import type { ServiceEntry } from "../../stacks/catalog/entry.ts";
import { command } from "../../stacks/catalog/kinds/command.ts";
import { gatewayEnvironment, type McpService } from "../../stacks/gateway-environment.ts";
import { secretsOf } from "../../stacks/secrets.ts";
import { readSettings } from "../../stacks/settings.ts";
import { serviceToken } from "../../stacks/tokens.ts";
import { project } from "../../stacks/project.ts";
import { gatewayConfig, writeConfig } from "./gateway-config.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-entries-"));
const token = "the-bearer-token";
const secrets = { PLAIN_USER: "somebody", PLAIN_KEY: "the-whole-key;of=plain" };

const shared = { server: command(["node", "gateways/fixtures/child.ts"]), isolation: "shared" } as const;
const entries = {
  strict: { ...shared, port: 1, requestTimeout: "1s", maxSessions: 1, logLevel: "debug", maxBody: "2KiB" },
  plain: { ...shared, port: 2, secrets: ["PLAIN_USER", "PLAIN_KEY"], acceptServiceToken: "PLAIN_KEY" },
  limited: { ...shared, port: 3, requestRate: "1/m", requestBurst: 3 },
} satisfies Record<string, ServiceEntry>;
type Name = keyof typeof entries;
const names = Object.keys(entries) as Name[];

/** The services as they are reached, and what the gateway of each has logged. */
interface Started {
  readonly url: (name: Name) => string;
  readonly log: (name: Name) => string;
}

const started: ChildProcess[] = [];

async function startGateway(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { PATH, HOME } = process.env;
  const gateway = spawn(process.execPath, ["gateways/main.ts", ...args], {
    cwd: project,
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(gateway);
  let log = "";
  const listening = new Promise<void>((resolve, reject) => {
    const read = (text: string) => {
      log += text;
      if (log.includes('"msg":"listening"')) resolve();
    };
    gateway.stdout.setEncoding("utf8").on("data", read);
    gateway.stderr.setEncoding("utf8").on("data", read);
    gateway.once("exit", () => reject(new Error(`the gateway does not start: ${log}`)));
  });
  await listening;
  return () => log;
}

/** As `npm start` does it: one process, and gateway.json. */
async function startHere(): Promise<Started> {
  const [hub, ...ports] = await freePorts(1 + names.length);
  const moved = names.map((name, index) => [`PORT_${name.toUpperCase()}`, String(ports[index])]);
  const env = { HUB_PORT: String(hub), ...Object.fromEntries(moved), MCP_BEARER_TOKEN: token, ...secrets };
  const services = Object.values(defineServices(entries));
  const place = {
    node: process.execPath,
    uvx: undefined,
    npm: new Map(),
    docker: { images: new Map() },
    project,
    data: folder,
    work: folder,
  };
  const config = join(folder, "gateway.json");
  writeConfig(config, gatewayConfig(services, readSettings(services, { env, file: "/nowhere" }), place));
  const log = await startGateway(["--config", config], secrets);
  const linesOf = (name: Name) =>
    log()
      .split("\n")
      .filter((line) => line.includes(`"service":"${name}"`));
  return { url: (name) => `http://127.0.0.1:${hub}/${name}/mcp`, log: (name) => linesOf(name).join("\n") };
}

/** As a deployment does it: a process for each service, and the environment of its container. */
async function startContainers(): Promise<Started> {
  const services = Object.values(defineServices(entries)) as McpService[];
  const ports = await freePorts(names.length);
  const settings = readSettings(services, { env: { MCP_BEARER_TOKEN: token, ...secrets }, file: "/nowhere" });
  const logs = await Promise.all(
    services.map((service, index) => {
      const here = { HOST: "127.0.0.1", PORT: String(ports[index]), DRAIN_DELAY: "0s" };
      const own = [...secretsOf(service, settings, "services")].map(([name, value]) =>
        secretFile(service, name, value),
      );
      const files = { STATE_DIR: join(folder, service.name), ...Object.fromEntries(own) };
      const names = [...service.secrets];
      // Its server is a process of its own here: there is no other container.
      const { SERVER_SOCKET: _, ...environment } = gatewayEnvironment(service, "own.example.org", names);
      return startGateway([], { ...environment, ...here, ...files });
    }),
  );
  const at = (name: Name) => names.indexOf(name);
  return { url: (name) => `http://127.0.0.1:${ports[at(name)]}/mcp`, log: (name) => logs[at(name)]!() };
}

/** A secret as a container has it. @returns its variable with the file's name */
function secretFile({ name: service }: McpService, name: string, value: string): [string, string] {
  const file = join(folder, `${service}-${name}`);
  writeFileSync(file, value);
  return [`${name}_FILE`, file];
}

/** Ports that nobody has at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((one) => (one.address() as AddressInfo).port);
  await Promise.all(servers.map((one) => once(one.close(), "close")));
  return ports;
}

afterAll(async () => {
  const running = started.filter(({ exitCode }) => exitCode === null);
  await Promise.all(running.map((gateway) => (gateway.kill("SIGTERM"), once(gateway, "exit"))));
  rmSync(folder, { recursive: true });
}, 60_000);

const post = (url: string, message: object, session?: string, bearer = token) =>
  fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${bearer}`,
      ...(session !== undefined && { "mcp-session-id": session }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
  });

const initialize = (url: string, more: object = {}) => {
  const clientInfo = { name: "test", version: "1", ...more };
  return post(url, { method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } });
};

/** Of four calls that open a session, one after the other. */
async function statusesOf(url: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let call = 0; call < 4; call++) statuses.push((await initialize(url)).status);
  return statuses;
}

async function openSession(url: string): Promise<string> {
  const response = await initialize(url);
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  return response.headers.get("mcp-session-id") ?? "";
}

const endSession = (url: string, session: string) =>
  fetch(url, { method: "DELETE", headers: { authorization: `Bearer ${token}`, "mcp-session-id": session } });

const callSlow = async (url: string, session: string) =>
  (await post(url, { method: "tools/call", params: { name: "slow", arguments: { ms: 3_000 } } }, session)).text();

describe.each([
  ["npm start", startHere],
  ["a container", startContainers],
])("with %s", (_, start) => {
  let gateways: Started;
  beforeAll(async () => void (gateways = await start()), 60_000);

  test("a service is opened by the master, its own token and the secret that its entry accepts, and by nothing else", async () => {
    const others = ["strict", "limited"].map((name) => serviceToken(token, name));
    const right = [token, serviceToken(token, "plain"), secrets.PLAIN_KEY];
    const wrong = [...others, secrets.PLAIN_USER, ...secrets.PLAIN_KEY.split(/[;=]/), serviceToken("another", "plain")];
    const ping = { method: "ping" };
    const statusOf = async (bearer: string) =>
      (await post(gateways.url("plain"), ping, "no-such-session", bearer)).status;
    expect(await Promise.all(right.map(statusOf))).toEqual(right.map(() => 404)); // it may come in, and has no session
    expect(await Promise.all(wrong.map(statusOf))).toEqual(wrong.map(() => 401));
  });

  test("requestTimeout ends a call of that service, and of no other", async () => {
    const answers = await Promise.all(
      (["strict", "plain"] as const).map(async (name) => {
        const session = await openSession(gateways.url(name));
        const answer = await callSlow(gateways.url(name), session);
        await endSession(gateways.url(name), session);
        return answer;
      }),
    );
    expect(answers).toEqual([
      expect.stringContaining("did not answer tools/call within 1 s"),
      expect.stringContaining("done"),
    ]);
  });

  test("maxSessions refuses one more session of that service", async () => {
    const [strict, plain] = [gateways.url("strict"), gateways.url("plain")];
    const [first] = [await openSession(strict), await openSession(plain), await openSession(plain)];
    expect((await initialize(strict)).status).toBe(503);
    await endSession(strict, first);
  });

  test("maxBody refuses a longer body to that service", async () => {
    const long = { title: "x".repeat(3_000) };
    const answers = [await initialize(gateways.url("strict"), long), await initialize(gateways.url("plain"), long)];
    expect(answers.map(({ status }) => status)).toEqual([413, 200]);
  });

  test("logLevel decides what that service logs", async () => {
    const session = await openSession(gateways.url("strict"));
    await endSession(gateways.url("strict"), session);
    await openSession(gateways.url("plain"));
    const hasDebug = (name: Name) => gateways.log(name).includes('"level":"debug"');
    expect([hasDebug("strict"), hasDebug("plain")]).toEqual([true, false]);
    expect(gateways.log("plain")).toContain("AUTH session-opened");
  });

  test("requestRate refuses callers of this machine, too, and those of that service alone", async () => {
    expect(await statusesOf(gateways.url("limited"))).toEqual([200, 200, 200, 429]);
    expect(await statusesOf(gateways.url("plain"))).toEqual([200, 200, 200, 200]);
  });
});
