#!/usr/bin/env node
/** The MCP server of this lab, on stdio: one tool, whose answer nobody can guess. */
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

/** The tool's answer, from the word that it is given and the secret that only this process and the lab have. */
export const stampOf = (word: string, secret: string): string =>
  createHash("sha256").update(`${secret} ${word}`).digest("hex").slice(0, 24);

/** What it is called by the server; clients put the service's name before it, each in its own way. */
export const TOOL = "make_stamp";

const tool = {
  name: TOOL,
  description: "Stamps a word.",
  inputSchema: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
};

interface Request {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: { readonly word?: unknown } };
}

/** The result of a request; undefined for a method that it does not have. */
function resultOf({ method, params }: Request, secret: string): object | undefined {
  if (method === "initialize")
    return {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "stamps", version: "1" },
    };
  if (method === "ping") return {};
  if (method === "tools/list") return { tools: [tool] };
  if (method !== "tools/call") return undefined;
  const text = `stamp ${stampOf(String(params?.arguments?.word), secret)}`;
  return { content: [{ type: "text", text }] };
}

function serve(secret: string): void {
  createInterface(process.stdin).on("line", (line) => {
    const request = JSON.parse(line) as Request;
    if (request.id === undefined) return;
    const result = resultOf(request, secret);
    const answer = result ? { result } : { error: { code: -32601, message: `no method ${request.method}` } };
    console.log(JSON.stringify({ jsonrpc: "2.0", id: request.id, ...answer }));
  });
}

if (import.meta.main) serve(process.env["STAMP_SECRET"] ?? "");
