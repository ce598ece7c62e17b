/**
 * The clients that people use, behind one interface: open, list, call, close. Imported at run time: they may be missing.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { installedFile, onNode } from "./gateway.ts";

export interface TestClient {
  tools(): Promise<string[]>;
  /** Calls a tool and returns the text of its answer. */
  call(name: string, args: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** Opens a client on a gateway's `/mcp`; it may keep files in `home`. */
export type OpenClient = (url: string, home: string) => Promise<TestClient>;

interface ToolList {
  readonly tools: { readonly name: string }[];
}

/** What the clients of both SDK generations have in common. */
interface SdkClient {
  listTools(): Promise<ToolList>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const info = { name: "gangway-interop", version: "1.0.0" };

export const clients: Record<string, OpenClient> = {
  "the SDK v1 client": openV1,
  "the SDK v1 client, HTTP with SSE": openV1Sse,
  "the SDK v2 client, HTTP with SSE": openV2Sse,
  "the SDK v1 client, WebSocket": openV1WebSocket,
  "the SDK v2 client, legacy": (url) => openV2(url, "legacy"),
  "the SDK v2 client, auto": (url) => openV2(url, "auto"),
  "the SDK v2 client, pinned to 2026-07-28": (url) => openV2(url, { pin: "2026-07-28" }),
  "mcp-remote": (url, home) => openMcpRemote(url, home, "http-only"),
  "mcp-remote, HTTP with SSE": (url, home) => openMcpRemote(sseOf(url), home, "sse-only"),
  "the SDK v1 client through gangway connect": (url) => openV1Stdio(url),
  "the SDK v1 client through gangway connect, HTTP with SSE": (url) => openV1Stdio(sseOf(url)),
  "the SDK v2 client through gangway connect, legacy": (url) => openV2Stdio(url, "legacy"),
  "the SDK v2 client through gangway connect, auto": (url) => openV2Stdio(url, "auto"),
  "the SDK v2 client through gangway connect, pinned to 2026-07-28": (url) => openV2Stdio(url, { pin: "2026-07-28" }),
  "the MCP Inspector CLI": openInspector,
};

async function openV1(url: string): Promise<TestClient> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const client = new Client(info);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  return overSdk(client, () => transport.terminateSession());
}

/** The older transport of the same service. */
const sseOf = (url: string) => url.replace(/\/mcp$/, "/sse");

async function openV1Sse(url: string): Promise<TestClient> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { SSEClientTransport } = await import("@modelcontextprotocol/sdk/client/sse.js");
  const client = new Client(info);
  await client.connect(new SSEClientTransport(new URL(sseOf(url))));
  return overSdk(client);
}

/** An extension of the SDKs: no revision of the protocol has it. */
const webSocketOf = (url: string) => url.replace(/^http(.*)\/mcp$/, "ws$1/ws");

async function openV1WebSocket(url: string): Promise<TestClient> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { WebSocketClientTransport } = await import("@modelcontextprotocol/sdk/client/websocket.js");
  const client = new Client(info);
  await client.connect(new WebSocketClientTransport(new URL(webSocketOf(url))));
  return overSdk(client);
}

async function openV2Sse(url: string): Promise<TestClient> {
  const { Client, SSEClientTransport } = await import("@modelcontextprotocol/client");
  const client = new Client(info);
  await client.connect(new SSEClientTransport(new URL(sseOf(url))));
  return overSdk(client);
}

type Mode = "legacy" | "auto" | { pin: string };

async function openV2(url: string, mode: Mode): Promise<TestClient> {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const client = new Client(info, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  const era = client.getProtocolEra();
  if ((mode === "legacy") !== (era === "legacy")) throw new Error(`the client speaks ${era}`);
  return overSdk(client, () => (era === "legacy" ? transport.terminateSession() : Promise.resolve()));
}

/** How a client starts `gangway connect`. */
function connecting(url: string): { command: string; args: string[]; stderr: "inherit" } {
  const [command = "", ...args] = onNode("scripts/gangway.ts", "connect", url);
  return { command, args, stderr: "inherit" };
}

async function openV1Stdio(url: string): Promise<TestClient> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const client = new Client(info);
  await client.connect(new StdioClientTransport(connecting(url)));
  return overSdk(client);
}

async function openV2Stdio(url: string, mode: Mode): Promise<TestClient> {
  const { Client } = await import("@modelcontextprotocol/client");
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const client = new Client(info, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport(connecting(url)));
  const era = client.getProtocolEra();
  if ((mode === "legacy") !== (era === "legacy")) throw new Error(`the client speaks ${era}`);
  return overSdk(client);
}

/**
 * The bridge that a desktop client starts for itself, driven over its stdio.
 * @param onSaid is told what it says to its user
 * @param more variables of its environment
 */
export async function openMcpRemote(
  url: string,
  home: string,
  transport: "http-only" | "sse-only",
  onSaid?: (text: string) => void,
  more: Readonly<Record<string, string>> = {},
): Promise<TestClient> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const bridge = installedFile("..", "mcp-remote/dist/proxy.js");
  const client = new Client(info);
  const stdio = new StdioClientTransport({
    command: process.execPath,
    args: [bridge, url, "--transport", transport],
    env: { HOME: home, MCP_REMOTE_CONFIG_DIR: join(home, "mcp-remote"), ...more },
    stderr: onSaid ? "pipe" : "ignore",
  });
  stdio.stderr?.on("data", (chunk: Buffer) => onSaid?.(chunk.toString()));
  await client.connect(stdio);
  return overSdk(client);
}

function overSdk(client: SdkClient, endSession = async () => {}): TestClient {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    close: async () => {
      await endSession();
      await client.close();
    },
  };
}

/** One process and one session for each call: the CLI keeps nothing open. */
async function openInspector(url: string, home: string): Promise<TestClient> {
  const cli = installedFile("inspector", "clients/launcher/build/index.js");
  const ask = async <T>(...words: string[]): Promise<T> => {
    const args = [cli, "--cli", url, "--transport", "http", "--format", "json", "--quiet", ...words];
    const env = { PATH: process.env["PATH"], HOME: home };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return (JSON.parse(stdout) as { result: T }).result;
  };
  return {
    tools: async () => (await ask<ToolList>("--method", "tools/list")).tools.map(({ name }) => name),
    call: async (name, args) => {
      const words = ["--method", "tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args)];
      return textOf(await ask(...words));
    },
    close: async () => {},
  };
}

/** The text of a tool's answer. @throws Error with that text when the answer is an error */
export function textOf(answer: unknown): string {
  const { content, isError } = answer as { content: { type: string; text?: string }[]; isError?: boolean };
  const text = content.map((part) => part.text ?? "").join("\n");
  if (isError === true) throw new Error(text);
  return text;
}
