/** `gangway connect` as a client starts it: a process with pipes. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test as plain } from "vitest";
import { certificateFor } from "../gateways/fixtures/certificate.ts";

interface Request {
  readonly verb: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

interface Started {
  readonly child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with its exit code or signal, when all that it wrote has been read. */
  readonly ended: Promise<number | string | null>;
}

type Start = (words: readonly string[], env?: Record<string, string>) => Started;

const test = plain.extend<{ server: { url: string; requests: Request[] }; start: Start; folder: string }>({
  server: async ({ onTestFinished }, use) => {
    const requests: Request[] = [];
    const server = createServer((req, res) => {
      requests.push({ verb: req.method, headers: req.headers });
      answer(req, res);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, requests });
  },
  folder: async ({ onTestFinished }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "connect-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await use(folder);
  },
  start: ({ onTestFinished }, use) => use((words, env = {}) => start(words, env, onTestFinished)),
});

/** Answers everything but tools/call, which it lets wait. */
function answer(req: IncomingMessage, res: ServerResponse): void {
  const chunks: Buffer[] = [];
  req
    .on("data", (chunk: Buffer) => chunks.push(chunk))
    .on("end", () => {
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { id?: number; method?: string };
      if (method === "tools/call") return;
      if (id === undefined) return void res.writeHead(req.method === "GET" ? 405 : 202).end();
      const result = method === "big" ? "x".repeat(3_000_000) : { protocolVersion: "2025-11-25", capabilities: {} };
      res.writeHead(200, { "content-type": "application/json", "mcp-session-id": "one" });
      res.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
}

function start(words: readonly string[], env: Record<string, string>, atEnd: (end: () => void) => void): Started {
  const { PATH = "", HOME = "", TMPDIR = tmpdir() } = process.env;
  const gangway = join(import.meta.dirname, "gangway.ts");
  const child = spawn(process.execPath, [gangway, "connect", ...words], { env: { PATH, HOME, TMPDIR, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {}); // it may have ended
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string | null);
  atEnd(() => void child.kill("SIGKILL"));
  return {
    child,
    ended,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
  };
}

const request = (id: number, method: string) => `${JSON.stringify({ jsonrpc: "2.0", id, method, params: {} })}\n`;
const OPEN = `${request(1, "initialize")}{"jsonrpc":"2.0","method":"notifications/initialized"}\n`;

const idsIn = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: number }).id);

const deletes = (requests: readonly Request[]) =>
  requests.filter(({ verb, headers }) => verb === "DELETE" && headers["mcp-session-id"] === "one");

test("the end of the input ends it with 0, after the answers, and ends the session", async ({ server, start }) => {
  const run = start([server.url]);
  run.child.stdin!.end(OPEN + request(2, "ping") + request(3, "big"));
  expect(await run.ended).toBe(0);
  expect(new Set(idsIn(run.stdout))).toEqual(new Set([1, 2, 3]));
  expect(run.stderr).toBe("");
  expect(deletes(server.requests)).toHaveLength(1);
});

test.for(["SIGTERM", "SIGINT"] as const)("%s ends it with 0, and the session", async (signal, { server, start }) => {
  const run = start([server.url]);
  run.child.stdin!.write(OPEN + request(2, "tools/call"));
  await expect.poll(() => run.stdout, { timeout: 60_000 }).toContain('"id":1');
  run.child.kill(signal);
  expect(await run.ended).toBe(0);
  expect(deletes(server.requests)).toHaveLength(1);
  expect([idsIn(run.stdout), run.stderr]).toEqual([[1], ""]);
});

test("a client that is gone ends it quietly", async ({ server, start }) => {
  const run = start([server.url]);
  run.child.stdin!.write(OPEN);
  await expect.poll(() => run.stdout, { timeout: 60_000 }).toContain('"id":1');
  run.child.stdout!.destroy();
  run.child.stdin!.write(request(2, "ping"));
  expect(await run.ended).toBe(0);
  expect(run.stderr).toBe("");
});

test("a client that reads slowly gets everything, a message a line", async ({ server, start }) => {
  const run = start([server.url]);
  run.child.stdout!.pause();
  run.child.stdin!.end(OPEN + [2, 3, 4].map((id) => request(id, "big")).join(""));
  await expect.poll(() => deletes(server.requests).length, { timeout: 60_000 }).toBe(1);
  run.child.stdout!.resume();
  expect(await run.ended).toBe(0);
  expect(new Set(idsIn(run.stdout))).toEqual(new Set([1, 2, 3, 4]));
});

describe("a server with HTTPS", () => {
  const right = certificateFor("localhost");
  const another = certificateFor("localhost");

  test.for([
    ["signed by an authority that is trusted", right, right, undefined],
    ["signed by nobody who is known", right, undefined, /no authority that is known here.*NODE_EXTRA_CA_CERTS/],
    ["signed by another authority", right, another, /no authority that is known here.*NODE_EXTRA_CA_CERTS/],
    [
      "that has expired",
      certificateFor("localhost", -1),
      "its own",
      /its certificate has expired.*Renew the certificate/,
    ],
    ["for another name", certificateFor("example.org"), "its own", /its certificate is for another name.*Use the name/],
  ] as const)("and a certificate %s", async ([, shown, trusted, told], { start, folder, onTestFinished }) => {
    const server = createSecureServer(shown, answer);
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const file = join(folder, "authority.pem");
    const authority = trusted === "its own" ? shown : trusted;
    if (authority) writeFileSync(file, authority.cert);
    const url = `https://localhost:${(server.address() as AddressInfo).port}/mcp`;
    const run = start([url], authority && { NODE_EXTRA_CA_CERTS: file });
    run.child.stdin!.end(OPEN);
    await run.ended;
    const answered = JSON.parse(run.stdout) as { result?: object; error?: { message: string } };
    expect([answered.result !== undefined, run.stderr === ""]).toEqual([!told, !told]);
    if (!told) return;
    expect(answered.error?.message).toMatch(told);
    expect(run.stderr.trim().split("\n")).toEqual([expect.stringMatching(told)]);
  });
});

describe("the token", () => {
  const token = "a-token-of-this-person";

  test.for<[string, string[], Record<string, string>]>([
    ["MCP_BEARER_TOKEN", [], { MCP_BEARER_TOKEN: token }],
    ["--token-env", ["--token-env", "MINE"], { MINE: token, MCP_BEARER_TOKEN: "another" }],
    ["--token-file", ["--token-file", "token.txt"], { MCP_BEARER_TOKEN: "another" }],
  ])("comes from %s, the URL from MCP_HTTP_URL", async ([, words, env], { server, start, folder }) => {
    writeFileSync(join(folder, "token.txt"), `${token}\n`);
    const given = words.map((word) => (word === "token.txt" ? join(folder, word) : word));
    const run = start(given, { ...env, MCP_HTTP_URL: server.url });
    run.child.stdin!.end(request(1, "initialize"));
    expect(await run.ended).toBe(0);
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${token}`);
    expect(run.stdout + run.stderr).not.toContain(token);
  });
});

test.for<[string, readonly string[], Record<string, string>, string]>([
  ["no URL", [], {}, "expected one URL, as in: npx gangway connect https://"],
  ["two URLs", ["http://a/mcp", "http://b/mcp"], {}, "expected one URL"],
  ["another scheme", ["ftp://a/mcp"], {}, "got ftp://a/mcp, expected a URL: https://"],
  ["a name", ["memory"], {}, "got memory, expected a URL"],
  ["--token", ["http://a/mcp", "--token", "x"], {}, "--token: a token on the command line can be read by every user"],
  [
    "both flags",
    ["http://a/mcp", "--token-env", "A", "--token-file", "b"],
    {},
    "got --token-file and --token-env, expected one of them",
  ],
  ["an unset variable", ["http://a/mcp", "--token-env", "NONE"], {}, "--token-env: NONE is not set"],
  ["a missing file", ["http://a/mcp", "--token-file", "/none"], {}, "--token-file: cannot read /none (ENOENT)"],
  ["two words", ["http://a/mcp"], { MCP_BEARER_TOKEN: "one two" }, "MCP_BEARER_TOKEN is no token, expected one word"],
])("%s is a mistake in the command line", async ([, words, env, message], { start }) => {
  const run = start(words, env);
  expect([await run.ended, run.stdout]).toEqual([2, ""]);
  expect(run.stderr).toContain(`gangway connect: ${message}`);
  expect(run.stderr).toContain("See: npx gangway connect --help");
});
