/**
 * The MCP server behind every target: newline-delimited JSON-RPC on stdio, without dependencies, as cheap as it can be. It
 * speaks both eras of MCP; the first message decides which, for as long as it lives.
 */
import { setTimeout as sleep } from "node:timers/promises";

const modernKey = "io.modelcontextprotocol/protocolVersion";

interface Call {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Record<string, unknown>;
    readonly _meta?: { readonly progressToken?: number | string; readonly [modernKey]?: string };
  };
}

/** A tool as long as those of real servers: its place in the list, and a schema of some parameters. */
const longTool = (index: number) => ({
  name: `repository_operation_${index}`,
  description:
    `Performs operation ${index} on a repository of the account, and returns what it has changed. ` +
    "Use it when the user names the repository; ask for the name otherwise. Fails when the branch is protected.",
  inputSchema: {
    type: "object",
    properties: {
      owner: { type: "string", description: "The account that the repository belongs to" },
      repository: { type: "string", description: "The name of the repository, without the account" },
      branch: { type: "string", description: "The branch to work on. The default branch if it is left out" },
      limit: { type: "number", minimum: 1, maximum: 100, description: "How many results a page has" },
    },
    required: ["owner", "repository"],
  },
});

/** How many tools there are besides, which only make the list long. */
const more = Number(process.argv[2] ?? 0);
const tools: object[] = [
  { name: "echo", inputSchema: { type: "object", properties: { text: { type: "string" } } } },
  { name: "big", inputSchema: { type: "object", properties: { bytes: { type: "number" } } } },
  {
    name: "progress",
    inputSchema: { type: "object", properties: { steps: { type: "number" }, ms: { type: "number" } } },
  },
  ...Array.from({ length: more }, (_, index) => longTool(index + 1)),
];
const serverInfo = { name: "gangway-bench-echo", version: "1.0.0" };
const welcome = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo };
// MCP 2026-07-28: every result names its type, and a cacheable one says for how long.
const complete = { resultType: "complete" };
const cacheable = { ...complete, ttlMs: 0, cacheScope: "private" };
const discovery = {
  ...cacheable,
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  _meta: { "io.modelcontextprotocol/serverInfo": serverInfo },
};

let era: "legacy" | "modern" | undefined;
const eraOf = (call: Call) =>
  call.method === "server/discover" || call.params?._meta?.[modernKey] !== undefined ? "modern" : "legacy";

const textResult = (text: string) =>
  JSON.stringify({ ...(era === "modern" && complete), content: [{ type: "text", text }] });
// The id comes first: the floor (floor.ts) only looks there.
const reply = (call: Call, result: string) => `{"jsonrpc":"2.0","id":${JSON.stringify(call.id)},"result":${result}}\n`;
const refusal = (call: Call, code: number, message: string) =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(call.id)},"error":${JSON.stringify({ code, message })}}\n`;

// Serialized once for each size: what is measured is the gateway, not this process.
const bigResults = new Map<number, string>();
function bigResult(bytes: number): string {
  const known = bigResults.get(bytes) ?? textResult("x".repeat(bytes));
  bigResults.set(bytes, known);
  return known;
}

async function progress(call: Call, steps: number, ms: number): Promise<void> {
  const progressToken = call.params?._meta?.progressToken;
  for (let step = 1; step <= steps; step++) {
    await sleep(ms);
    if (progressToken === undefined) continue;
    const params = { progressToken, progress: step, total: steps };
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params })}\n`);
  }
  process.stdout.write(reply(call, textResult(`${steps} steps`)));
}

function callTool(call: Call): string {
  const given = call.params?.arguments ?? {};
  switch (call.params?.name) {
    case "echo":
      return reply(call, textResult(String(given["text"])));
    case "big":
      return reply(call, bigResult(Number(given["bytes"])));
    case "progress":
      void progress(call, Number(given["steps"]), Number(given["ms"]));
      return "";
    default:
      return refusal(call, -32602, `unknown tool: ${call.params?.name}`);
  }
}

function answer(line: string): string {
  if (line === "") return "";
  const call = JSON.parse(line) as Call;
  era ??= eraOf(call);
  if (call.id === undefined) return "";
  if (call.method === "tools/call") return callTool(call);
  const result = era === "modern" ? modernResult(call.method) : legacyResult(call.method);
  return result ? reply(call, JSON.stringify(result)) : refusal(call, -32601, `unknown method: ${call.method}`);
}

function legacyResult(method: string): object | undefined {
  if (method === "initialize") return welcome;
  if (method === "tools/list") return { tools };
  return method === "ping" ? {} : undefined;
}

function modernResult(method: string): object | undefined {
  if (method === "server/discover") return discovery;
  return method === "tools/list" ? { ...cacheable, tools } : undefined;
}

let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  const out = lines.map(answer).join("");
  if (out !== "") process.stdout.write(out);
});
process.stdin.on("end", () => process.exit(0));
