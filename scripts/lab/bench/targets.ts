/** The targets, and the command line of each. */
import { join } from "node:path";

/** A gateway to measure. */
export interface Target {
  readonly name: string;
  readonly kind: "ours" | "floor" | "peer";
  /** One child for all sessions, or one for each: a target is compared with the floor that does the same. */
  readonly isolation: "shared" | "session";
  /** What its tool `echo` is called. @default "echo" */
  readonly echo?: string;
  /** The script and its arguments that start it on a port. */
  arguments(port: number): readonly string[];
}

export const benchFolder = import.meta.dirname;
export const rootFolder = join(benchFolder, "../../..");
/** Logs, results and the prepared child; ignored by git. */
export const outputFolder = join(rootFolder, ".gangway");
export const echoServer = join(outputFolder, "bench", "echo-server.mjs");

export const gatewayProgram = join(rootFolder, "gateways/main.ts");

const quoted = (word: string) => (/\s/.test(word) ? `"${word}"` : word);
const childCommand = `${quoted(process.execPath)} ${quoted(echoServer)}`;
const peer = (path: string) => join(benchFolder, "node_modules", path);

const ours = (isolation: Target["isolation"]): Target => ({
  name: `gangway ${isolation}`,
  kind: "ours",
  isolation,
  arguments: (port) => {
    return [gatewayProgram, "--stdio", childCommand, "--port", String(port), "--isolation", isolation];
  },
});

const floor = (isolation: Target["isolation"]): Target => ({
  name: `floor ${isolation}`,
  kind: "floor",
  isolation,
  arguments: (port) => [join(benchFolder, "floor.ts"), String(port), isolation, process.execPath, echoServer],
});

const supergateway: Target = {
  name: "supergateway",
  kind: "peer",
  isolation: "session",
  arguments: (port) => {
    const options = ["--stateful", "--outputTransport", "streamableHttp", "--logLevel", "none"];
    return [peer("supergateway/dist/index.js"), "--stdio", childCommand, "--port", String(port), ...options];
  },
};

const mcpProxy: Target = {
  name: "mcp-proxy",
  kind: "peer",
  isolation: "shared",
  arguments: (port) => {
    const options = ["--port", String(port), "--host", "127.0.0.1", "--server", "stream"];
    return [peer("mcp-proxy/dist/bin/mcp-proxy.mjs"), ...options, "--", process.execPath, echoServer];
  },
};

/** Every target, in the order of the tables. */
export const targets: readonly Target[] = [
  ours("shared"),
  ours("session"),
  floor("shared"),
  floor("session"),
  supergateway,
  mcpProxy,
];
