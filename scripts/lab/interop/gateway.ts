/** Starts the gateway as its users do, as a process of its own, and ends it as an operator does, with SIGTERM. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../../stacks/project.ts";
import { gatewayMain, GatewayProcess } from "../../kit/gateway-process.ts";
import { freePort } from "../../kit/ports.ts";
import { tell } from "../../kit/print.ts";

/** Whether this folder's own packages are there; without them its tests are skipped. */
export const installed = existsSync(installedFile("sdk"));

// Every test file has a worker of its own: only the first one prints this.
if (!installed && process.env["VITEST_WORKER_ID"] === "1") {
  tell("interop: skipped, its clients are not installed: npm ci --prefix scripts/lab/interop");
}

/** A gateway that serves. */
export interface Gateway {
  /** Its `/mcp`. */
  readonly url: string;
  /** Ends it; rejects unless it exits with 0. */
  stop(): Promise<void>;
}

/** The path of a file inside one of the @modelcontextprotocol packages that are installed here. */
export function installedFile(name: string, ...path: string[]): string {
  return join(import.meta.dirname, "node_modules/@modelcontextprotocol", name, ...path);
}

/** The command line that runs a script of the checkout, or of node_modules, on this Node. */
export function onNode(script: string, ...args: string[]): string[] {
  return [process.execPath, join(project, script), ...args];
}

/** Puts one stdio server behind a gateway and waits until it is ready. */
export function startGateway(server: string[], options: string[] = []): Promise<Gateway> {
  return startInFront(["--stdio", server.map(quote).join(" "), ...options]);
}

/** Starts a gateway in front of what its options name, and waits until it is ready. */
export async function startInFront(options: string[]): Promise<Gateway> {
  const port = await freePort();
  const gateway = new GatewayProcess([gatewayMain(), ...options, "--port", String(port)]);
  if (!(await gateway.whenReady(() => isReady(`http://127.0.0.1:${port}/ready`), 60_000))) {
    gateway.kill();
    throw new Error(`the gateway is not ready. It logged last:\n${gateway.lastLines.join("\n")}`);
  }
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => stop(gateway) };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

async function stop(gateway: GatewayProcess): Promise<void> {
  const how = gateway.runs ? await gateway.stop(30_000) : `${gateway.end}, before SIGTERM`;
  if (how !== 0) throw new Error(`the gateway ended with ${how}. It logged last:\n${gateway.lastLines.join("\n")}`);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
