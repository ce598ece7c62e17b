/** Starts a server once, behind a gateway, in a folder of its own and without anything of the reader's environment. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gatewayMain, GatewayProcess } from "./gateway-process.ts";
import { hiddenIn } from "./hidden.ts";
import { type ServiceHealth, settledServices } from "./hub.ts";
import { allTools, type Tool } from "./mcp/all-tools.ts";
import { McpClient } from "./mcp/client.ts";
import { ACCEPT, initializeParams } from "./mcp/messages.ts";
import { freePort } from "./ports.ts";
import { recordIn } from "../../gateways/log-line.ts";
import { VERSION } from "../../gateways/version.ts";
import { project } from "../../stacks/project.ts";
import type { Started } from "./prepare.ts";

/** What was learned. */
export type Trial =
  | {
      readonly is: "up";
      readonly server: Partial<Record<"name" | "version", unknown>>;
      readonly tools: readonly Tool[];
    }
  | {
      readonly is: "failed";
      readonly problem: string;
      /** Variables that it says it lacks. */
      readonly lacks: readonly string[];
      /** Whether it asks for a token, as an upstream does. */
      readonly asksForToken: boolean;
    };

/** How it is tried. */
export interface Trying {
  /** The name of the service, for messages. */
  readonly name: string;
  /** A scratch folder. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** Values of the variables that `env` and the headers refer to as `${NAME}`, so that no file has them. @default none */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds that it has to start. @default 60000 */
  readonly time?: number;
}

/** Starts it, asks for its tools and ends it, together with everything that it has started. */
export async function tryServer(start: Started, trying: Trying): Promise<Trial> {
  const { path, secrets } = trying;
  const port = await freePort();
  const config = join(path, "gateway.json");
  writeFileSync(config, JSON.stringify(configOf(start, trying, port)), { mode: 0o600 });
  const env = { ...secrets, PATH: process.env["PATH"], HOME: home(path), TMPDIR: home(path) };
  const gateway = new GatewayProcess([gatewayMain(), "--config", config], { env, ownGroup: true });
  let trial: Trial;
  try {
    trial = await outcomeOf(gateway, `http://127.0.0.1:${port}`, start, trying);
  } finally {
    await end(gateway);
  }
  // Its log is complete only now.
  return trial.is === "failed" ? { ...trial, problem: withStderr(trial.problem, gateway.lastLines) } : trial;
}

async function outcomeOf(
  gateway: GatewayProcess,
  hub: string,
  start: Started,
  { signal, time = 60_000 }: Trying,
): Promise<Trial> {
  try {
    const stop = AbortSignal.any([signal, endOf(gateway)]);
    const [health] = await settledServices(hub, stop, { timeout: time });
    if (health?.state === "up") return await ask(health);
    const isClosed = "url" in start && (await asksForToken(start.url, signal));
    return failed(health?.error ?? "it has not started", isClosed);
  } catch (error) {
    signal.throwIfAborted();
    return failed(gateway.runs ? (error as Error).message : gateway.lastLines.slice(-2).join(" "));
  }
}

/** Its first request to stop lets calls finish. There are none to wait for, and the second ends servers at once. */
async function end(gateway: GatewayProcess): Promise<void> {
  const atOnce = setTimeout(() => gateway.terminate(), 1_000);
  await gateway.stop(30_000);
  clearTimeout(atOnce);
}

function configOf(start: Started, { name, path, env }: Trying, port: number): object {
  const own = { ...env, HOME: home(path), TMPDIR: home(path) };
  const server = "url" in start ? start : { cwd: home(path), ...start, args: argsOf(start, env), env: own };
  const hidden = hiddenIn(project);
  const gateway = { port, host: "127.0.0.1", stopWithParent: true, startedBy: "npm start", hidden };
  return { ...gateway, mcpServers: { [name]: server } };
}

const argsOf = ({ args, argsWith }: Extract<Started, { command: string }>, env: Trying["env"]) =>
  argsWith?.(Object.keys(env)) ?? args;

/** An empty folder: a server finds nothing of the reader's in it. */
function home(path: string): string {
  const folder = join(path, "home");
  mkdirSync(folder, { recursive: true });
  return folder;
}

function endOf(gateway: GatewayProcess): AbortSignal {
  const ended = new AbortController();
  void gateway.ended.then(() => ended.abort());
  return ended.signal;
}

/** How many pages of tools are read: nobody has more. */
const PAGES = 100;

async function ask({ url }: ServiceHealth): Promise<Trial> {
  const client = new McpClient(url);
  try {
    const { serverInfo } = await client.initialize(initializeParams({ name: "gangway", version: VERSION }));
    const tools = await allTools((params) => client.request("tools/list", params), PAGES);
    return { is: "up", server: serverInfo ?? {}, tools };
  } catch (error) {
    return failed(`its tools cannot be listed: ${(error as Error).message}`);
  } finally {
    client.http.close();
  }
}

/** What the server wrote last, instead of the hint that the log has it: this gateway keeps none. */
function withStderr(problem: string, log: readonly string[]): string {
  const said = log.map((line) => recordIn(line)?.more).findLast((more) => more !== undefined && more !== "");
  const plain = problem.replace(" The gateway's log has the last lines of its stderr.", "");
  return plain === problem || said === undefined ? plain : `${plain} It wrote: ${said}`;
}

function failed(problem: string, isClosed = false): Trial {
  const [, names = ""] = /It needs ([A-Z0-9_]+(?:(?:, | and )[A-Z0-9_]+)*), which/.exec(problem) ?? [];
  return { is: "failed", problem, lacks: names.split(/, | and /).filter(Boolean), asksForToken: isClosed };
}

/** Whether whoever has no token is refused. */
async function asksForToken(url: string, signal: AbortSignal): Promise<boolean> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const headers = { "content-type": "application/json", accept: ACCEPT };
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIME)]);
  const answer = await fetch(url, { method: "POST", headers, body, signal: within }).catch(() => undefined);
  void answer?.body?.cancel();
  return answer?.status === 401 || answer?.status === 403;
}

/** Milliseconds that an upstream has to refuse a caller. */
const ANSWER_TIME = 15_000;
