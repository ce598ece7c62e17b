/** Puts one server behind a gateway, lists its tools and makes one call. */
import { gatewayMain, GatewayProcess } from "../../kit/gateway-process.ts";
import { Refusal } from "../../kit/mcp/answers.ts";
import { McpClient } from "../../kit/mcp/client.ts";
import { initializeParams } from "../../kit/mcp/messages.ts";
import { freePort } from "../../kit/ports.ts";
import type { Popular } from "./servers.ts";

/** What became of one server in one isolation. */
export interface Outcome {
  readonly tools: number;
  /** The beginning of the call's answer, or of what went wrong. */
  readonly note: string;
  readonly passed: boolean;
  /** Seconds from the start of the gateway to the end of the call. */
  readonly seconds: number;
}

/** Milliseconds for the first start, which installs the server. */
const INSTALL_TIME = 600_000;

/** Runs one server. Never rejects. */
export async function tryServer(server: Popular, isolation: "session" | "shared"): Promise<Outcome> {
  const began = performance.now();
  const port = await freePort();
  const flags = ["--port", String(port), "--isolation", isolation, "--request-timeout", "60s"];
  const gateway = new GatewayProcess([gatewayMain(), "--stdio", commandOf(server), ...flags]);
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  try {
    const isReady = () => answers(`http://127.0.0.1:${port}/ready`);
    if (!(await gateway.whenReady(isReady, INSTALL_TIME))) throw new Error(gateway.lastLines.slice(-2).join(" "));
    const client = new McpClient(`http://127.0.0.1:${port}`);
    await client.initialize(initializeParams({ name: "popular", version: "1" }));
    const listed = await client
      .request("tools/list", {})
      .catch((error: Error) => ({ tools: [], note: ownError(error) }));
    const called = await client.request("tools/call", server.call).catch((error: Error) => ({ note: ownError(error) }));
    const note = JSON.stringify("note" in listed ? [listed.note, called] : called).slice(0, 90);
    await client.delete();
    return { tools: (listed.tools as unknown[]).length, note, passed: true, seconds: seconds() };
  } catch (error) {
    return { tools: 0, note: (error as Error).message.slice(0, 300), passed: false, seconds: seconds() };
  } finally {
    await gateway.stop(10_000);
  }
}

/** Through env(1): a gateway hands its own environment to no child. */
function commandOf({ run, env = {} }: Popular): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return variables.length > 0 ? `env ${variables.join(" ")} ${run}` : run;
}

/** What a server says without its key. @throws the error when it is the gateway's */
function ownError(error: Error): string {
  if (!(error instanceof Refusal) || /MCP server of|did not answer/.test(error.message)) throw error;
  return error.message.slice(0, 60);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status === 200;
}
