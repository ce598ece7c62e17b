/**
 * A gateway that checks nothing: the upper bound for all others, and nothing to run in earnest.
 * It relies on its only child (echo-server.ts) and its only client: both write the id as the second member.
 * Usage: node floor.ts <port> shared|session <command> [args...]
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";

const [port, isolation, command, ...args] = process.argv.slice(2) as [string, string, string, ...string[]];
const beforeId = '{"jsonrpc":"2.0","id":';

/** One child with its calls in flight; the ids on its pipe are the floor's own. */
class Child {
  readonly #process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  readonly #waiting = new Map<number, { id: Buffer; response: ServerResponse }>();
  #lastId = 0;
  #pieces: Buffer[] = [];

  constructor() {
    this.#process.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#process.once("exit", () => process.exit(1));
  }

  call(message: Buffer, response: ServerResponse): void {
    const idEnd = message.indexOf(",", beforeId.length);
    const id = ++this.#lastId;
    this.#waiting.set(id, { id: message.subarray(beforeId.length, idEnd), response });
    this.#process.stdin.write(`${beforeId}${id}${message.toString("latin1", idEnd)}\n`, "latin1");
  }

  end(): void {
    this.#process.removeAllListeners("exit");
    this.#process.stdin.end();
  }

  #read(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const last = chunk.subarray(start, end);
      this.#answer(this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]));
      this.#pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) this.#pieces.push(chunk.subarray(start));
  }

  #answer(line: Buffer): void {
    const idEnd = line.indexOf(",", beforeId.length);
    const id = Number(line.toString("latin1", beforeId.length, idEnd));
    const call = this.#waiting.get(id);
    if (call === undefined) return;
    this.#waiting.delete(id);
    const length = line.length - idEnd + beforeId.length + call.id.length;
    call.response.setHeader("Content-Type", "application/json").setHeader("Content-Length", length);
    call.response.write(beforeId + call.id.toString("latin1"), "latin1");
    call.response.end(line.subarray(idEnd));
  }
}

const shared = isolation === "shared" ? new Child() : undefined;
let modern: Child | undefined;
const sessions = new Map<string, Child>();

function openSession(response: ServerResponse): Child {
  const id = randomUUID();
  const child = shared ?? new Child();
  sessions.set(id, child);
  response.setHeader("Mcp-Session-Id", id);
  return child;
}

function take(method: string, headers: IncomingHttpHeaders, body: Buffer, response: ServerResponse): void {
  // MCP 2026-07-28 has no sessions, and a child speaks one era only.
  if (headers["mcp-protocol-version"] === "2026-07-28") return (modern ??= new Child()).call(body, response);
  const sessionId = headers["mcp-session-id"]?.toString();
  const child = sessionId === undefined ? openSession(response) : sessions.get(sessionId);
  if (child === undefined) return void response.writeHead(404).end();
  if (method === "DELETE" && sessionId !== undefined) {
    sessions.delete(sessionId);
    if (child !== shared) child.end();
    return void response.end();
  }
  const isCall = body.toString("latin1", 0, beforeId.length) === beforeId;
  if (isCall) child.call(body, response);
  else response.writeHead(202).end();
}

createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    take(request.method ?? "", request.headers, Buffer.concat(pieces), response);
  });
}).listen(Number(port), "127.0.0.1");
