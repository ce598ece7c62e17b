/** gateway.json and the environment as people write them: what they say is what happens, or is told. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test as plain } from "vitest";
import { readConfigFile } from "../../config/file.ts";
import { readArguments, readOneServer } from "../../config/flags.ts";
import { child } from "../../fixtures/harness.ts";
import { Gateway } from "../../gateway.ts";
import type { GatewayConfig } from "../../config.ts";

type Env = Readonly<Record<string, string>>;

/** A test that can run a gateway by its gateway.json, or by the environment alone. */
const test = plain.extend<{ runs: (config: GatewayConfig) => Promise<string> }>({
  runs: ({ onTestFinished }, use) =>
    use(async (config) => {
      const gateway = new Gateway(config, pino({ level: "silent" }));
      onTestFinished(() => gateway.stop(), 20_000);
      await gateway.start({ portFirst: true });
      return `http://127.0.0.1:${gateway.port}`;
    }),
});

function written(content: object, env: Env = {}): GatewayConfig {
  const path = join(mkdtempSync(join(tmpdir(), "configuration-")), "gateway.json");
  writeFileSync(path, JSON.stringify(content));
  return readConfigFile(path, new Map([["port", "0"]]), { env, plain: true });
}

const jsonAt = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>;

/** As the guide of the gateway stack prints it. */
const PRINTED = {
  port: 3000,
  logLevel: "info",
  cors: { enabled: true, origins: ["*"] },
  rateLimit: { enabled: true, max: 100, window: "15m" },
  session: { secret: "change-this-secret", maxAge: 3600000 },
};

test("a guide's gateway.json without servers starts as it is printed, and says everywhere how to add one", async ({
  runs,
}) => {
  const config = written(PRINTED, { SESSION_SECRET: "your_session_secret_here_change_this", LOG_LEVEL: "info" });
  const hub = await runs(config);
  const hint = expect.stringContaining("there are no servers yet. Add one to gateway.json");
  expect(await jsonAt(`${hub}/health`)).toMatchObject({ status: "healthy", services: [], hint });
  const page = await fetch(hub, { headers: { accept: "text/html" } });
  expect(await page.text()).toContain("There are no servers yet. Add one to gateway.json");
  expect(config.hint).toEqual(hint);
  expect(config.warnings).toEqual([
    expect.stringMatching(
      /^SESSION_SECRET \(from the environment\): expected at least 32 random characters, such as `openssl rand -hex 32`/,
    ),
  ]);
});

test("with a server in it, the guide's placeholder of a secret is refused", () => {
  expect(() => written({ ...PRINTED, mcpServers: { memory: { command: "server" } } })).toThrow(
    /session\.secret: expected at least 32 random characters, such as `openssl rand -hex 32` makes$/,
  );
});

test("SERVICE_NAME=mycopa-mcp is mycopa-mcp in /health, and SERVICE_NAME=mycopa too", async ({ runs }) => {
  for (const name of ["mycopa-mcp", "mycopa"]) {
    const env = { SERVER_COMMAND: child(), SERVICE_NAME: name, SERVICE_VERSION: "1.0.0", PORT: "0" };
    const gateway = await runs(readOneServer(readArguments([]), { env, plain: true }));
    expect(await jsonAt(`${gateway}/health`)).toMatchObject({ status: "ok", service: "mycopa-mcp", version: "1.0.0" });
  }
});

test("a client's file is used as it is: what only the client can use is told in one line", async ({ runs }) => {
  const [command, ...args] = [process.execPath, ...child().split("' '").slice(1)].map((word) =>
    word.replaceAll("'", ""),
  );
  const config = written({
    inputs: [{ type: "promptString", id: "key" }],
    servers: {
      one: { type: "stdio", command, args, autoApprove: ["x"], timeout: 60, gallery: "https://gallery.example" },
      two: { type: "stdio", command, args, disabled: true },
    },
  });
  expect(config.services.map(({ name, requestTimeout }) => [name, requestTimeout])).toEqual([["one", 60_000]]);
  expect(config.warnings.map((line) => line.replace(/^.*gateway\.json: /, ""))).toEqual([
    "not started, because the file says so: two",
    "without effect, because only a client uses it: inputs, mcpServers.one.autoApprove, mcpServers.one.gallery",
  ]);
  const hub = await runs(config);
  expect(await jsonAt(`${hub}/health`)).toMatchObject({ services: [{ name: "one", state: "up" }] });
});

test("servers stand below the keys of VS Code, Zed, Amp and OpenCode as they do below mcpServers", () => {
  const servers = { one: { command: "a" }, two: { command: "b" } };
  for (const file of [
    { servers },
    { context_servers: { one: { source: "custom", ...servers.one }, two: servers.two } },
    { "amp.mcpServers": servers },
    { mcp: { one: { type: "local", command: ["a"], enabled: true }, two: servers.two } },
    { mcp: { servers } },
  ])
    expect(
      written(file).services.map(({ name, server }) => [name, server]),
      JSON.stringify(file),
    ).toMatchObject([
      ["one", { kind: "stdio", command: "a" }],
      ["two", { kind: "stdio", command: "b" }],
    ]);
});

test("no value of a variable shows in an error", () => {
  const secret = "s3cret-value";
  const env = { SECRET: secret };
  const broken = [
    { maxBody: "${SECRET}" },
    { idleTtl: "${SECRET}" },
    { rateLimit: { max: 1, window: "${SECRET}" } },
    { session: { secret: "${SECRET}" } },
    ...[{ url: "${SECRET}" }, { port: "${SECRET}" }, { serial: "${SECRET}" }, { type: "${SECRET}" }].map((own) => ({
      mcpServers: { a: { ...("url" in own ? {} : { command: "x" }), ...own } },
    })),
  ].map((content) => ({ mcpServers: { a: { command: "x" } }, ...content }));
  const messages = broken.map((content) => {
    try {
      written(content, env);
      return "no mistake";
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(messages.filter((message) => message === "no mistake" || message.includes(secret))).toEqual([]);
});
