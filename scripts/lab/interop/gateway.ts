// Starts the gateway as its users do, as a process of its own, and ends it as an operator does, with SIGTERM.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = join(import.meta.dirname, "../../..");

/** Whether this folder's own packages are there; without them its tests are skipped. */
export const installed = existsSync(installedFile("sdk"));

// Every test file has a worker of its own: only the first one says it.
if (!installed && process.env["VITEST_WORKER_ID"] === "1") {
  console.warn("interop: skipped, its clients are not installed: npm ci --prefix scripts/lab/interop");
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
  return [process.execPath, join(root, script), ...args];
}

/** Puts one stdio server behind a gateway and waits until it is ready. */
export async function startGateway(server: string[], options: string[] = []): Promise<Gateway> {
  const port = await freePort();
  // GATEWAY_MAIN: the same tests for another build of the gateway, such as the image's one file.
  const main = process.env["GATEWAY_MAIN"] ?? join(root, "gateways/main.ts");
  const stdio = server.map(quote).join(" ");
  const child = spawn(process.execPath, [main, "--stdio", stdio, "--port", String(port), ...options], {
    stdio: ["ignore", "ignore", "pipe"],
    // Nothing of the developer's own settings: a token in the environment would close the gateway to these clients.
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
  });
  const words = lastWords(child);
  await untilReady(`http://127.0.0.1:${port}/ready`, child, words);
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => stop(child, words) };
}

async function untilReady(url: string, child: ChildProcess, words: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error(`the gateway is not ready; its last words:\n${words()}`);
}

async function stop(child: ChildProcess, words: () => string): Promise<void> {
  const exited = new Promise<string>((resolve) =>
    child.once("exit", (code, signal) => resolve(String(code ?? signal))),
  );
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const how = child.exitCode === null ? await exited : `${child.exitCode}, before SIGTERM`;
  clearTimeout(patience);
  if (how !== "0") throw new Error(`the gateway ended with ${how}; its last words:\n${words()}`);
}

function lastWords(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (more: string) => (text = (text + more).slice(-4000)));
  return () => text;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
