/** What `.env` says to the gateway has its effect with `npm start`. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import { command } from "../../stacks/catalog/kinds/command.ts";
import { readSettings } from "../../stacks/settings.ts";
import { project } from "../../stacks/project.ts";
import { settledServices } from "../kit/hub.ts";
import { gatewayConfig, gatewayEnvironment, writeConfig } from "./gateway-config.ts";
import { startGateway } from "./gateway.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

/** The gateway of `npm start` with this `.env`. */
async function startWith(lines: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "gangway-variables-"));
  const file = join(folder, ".env");
  const ports = { hub: await freePort(), echo: await freePort() };
  writeFileSync(file, [...lines, `HUB_PORT=${ports.hub}`, `PORT_ECHO=${ports.echo}`].join("\n"));
  const { PATH, HOME, TMPDIR } = process.env;
  const server = command(["node", "gateways/fixtures/child.ts"]);
  const services = Object.values(defineServices({ echo: { server, port: 1 } }));
  const settings = readSettings(services, { env: { PATH, HOME, TMPDIR }, file });
  const tools = { node: process.execPath, uvx: undefined, npm: new Map(), docker: { images: new Map() } };
  const place = { ...tools, project, data: folder, work: folder };
  const paths = { config: join(folder, "gateway.json"), log: join(folder, "log") };
  writeConfig(paths.config, gatewayConfig(services, settings, place));
  const [first, second] = [new AbortController(), new AbortController()];
  const stopping = { first: first.signal, second: second.signal };
  const gateway = startGateway({ onOutput: () => {}, ...paths, env: gatewayEnvironment(services, settings), stopping });
  onTestFinished(async () => void (await gateway.stop(10_000)));
  const hub = `http://127.0.0.1:${ports.hub}`;
  await settledServices(hub, new AbortController().signal);
  return { hub, log: () => readFileSync(paths.log, "utf8") };
}

test("LOG_LEVEL, ALLOWED_ORIGINS and MAX_BODY of .env have their effect on every service", async () => {
  const origin = "https://app.example.org";
  const { hub, log } = await startWith([
    "LOG_LEVEL=debug",
    `ALLOWED_ORIGINS=${origin}`,
    "MAX_BODY=100",
    "HOST=0.0.0.0",
  ]);
  const post = (body: string) =>
    fetch(`${hub}/echo/mcp`, { method: "POST", headers: { origin, "content-type": "application/json" }, body });
  expect((await post("{}")).headers.get("access-control-allow-origin")).toBe(origin);
  expect((await post(`{"x":"${"x".repeat(200)}"}`)).status).toBe(413);
  expect(log()).toContain('"level":"debug"');
});
