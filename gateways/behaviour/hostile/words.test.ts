/** What a hostile server, upstream or client says is printable and without secrets, whichever way it gets out. */
import { expect } from "vitest";
import type { ServiceConfig } from "../../config.ts";
import { until, type Running, type Settings } from "../../fixtures/harness.ts";
import { ModernClient, modernChild } from "../../fixtures/modern-client.ts";
import { NASTY, UNPRINTABLE } from "../../fixtures/nasty.ts";
import { test } from "../../fixtures/process.ts";
import { sendRaw } from "../../fixtures/raw.ts";
import { json, test as upstreamTest } from "../../fixtures/upstream.ts";
import { encode } from "../../jsonrpc.ts";

/** One text with everything in it, which begins and ends with something to look for. */
const EVIL = `begin ${NASTY.map(([, text]) => text).join(" ")} end`;

const SECRET = "s3cr3t-value/+of?many&characters";
const PASSWORD = "hunter2-of-the-db";
const env = {
  API_TOKEN: SECRET,
  MONGO_URI: `mongodb://bob:${PASSWORD}@db.example.org/x`,
  PEM: `-----BEGIN KEY-----\n${"MIIEvQIBADANBgkq".repeat(4)}\n${"hkiG9w0BAQEFAASC".repeat(4)}\n-----END KEY-----`,
};
/** The secrets as a server may say them. */
const LEAK = [
  SECRET,
  JSON.stringify({ SECRET, pem: env.PEM }),
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString("base64"),
  Buffer.from(`bob:${PASSWORD}`).toString("base64"),
  Buffer.from(SECRET).toString("hex"),
  env.MONGO_URI,
  `password is ${PASSWORD}`,
  env.PEM.split("\n")[1],
].join(" ");
const LEAKED =
  /s3cr3t-value|s3cr3t%2Dvalue|value%2F|hunter2|czNjcjN0|aHVudGVyM|odW50ZXIy|7333637233742d|MIIEvQ|hkiG9w/i;

/** A server that says a text in one of several ways. */
function server(
  how: "stderr" | "initialize" | "version" | "code",
  text: string,
  more: Partial<ServiceConfig> = {},
): Settings {
  const script = `
    const [how, text] = [process.argv[1], JSON.parse(process.argv[2])];
    if (how === "stderr") { process.stderr.write(text + "\\n"); process.exitCode = 1; }
    else require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method, params } = JSON.parse(line);
      if (id === undefined) return;
      const result = { protocolVersion: params?.protocolVersion, capabilities: {}, serverInfo: { name: text, version: text } };
      const error = { code: how === "code" ? text : -32000, message: text };
      const refuses = how === "initialize" || method !== "initialize";
      console.log(JSON.stringify({ jsonrpc: "2.0", id, ...(refuses ? { error } : { result }) }));
    });`;
  const args = ["-e", script, how, encode(text)];
  return { service: { server: { kind: "stdio", command: process.execPath, args, env, cwd: undefined }, ...more } };
}

/** Every text in a JSON document. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, own]) => [key, ...textsIn(own)])
    : [];
}

/** The log as a terminal gets it, and as a program that reads it sees it. */
const told = ({ log }: Running) => [
  ...log.map((line) => line.trimEnd()),
  ...log.flatMap((line) => textsIn(JSON.parse(line))),
];

/** Texts of several lines may have line breaks and tabs in them. */
const harmless = (text: string) => expect(text.replaceAll(/[\n\t]/g, " ")).not.toMatch(UNPRINTABLE);

function allHarmless(texts: readonly string[]): void {
  for (const text of texts) {
    harmless(text);
    expect(text).not.toMatch(LEAKED);
  }
}

for (const [what, text] of [
  ["escapes", EVIL],
  ["secrets", `begin ${LEAK} end`],
] as const) {
  test.concurrent(`${what} on the stderr of a server`, async ({ start }) => {
    const running = await start(server("stderr", text));
    await until("it is logged", () => running.log.some((line) => line.includes("begin")));
    const answer = await running.client().initialize();
    allHarmless([...told(running), ...textsIn(await answer.json()), running.service.lastStderr ?? ""]);
  });

  for (const isolation of ["session", "shared"] as const) {
    test.concurrent(
      `${what} in the error to initialize, on /health, the page, in the log and to clients (${isolation})`,
      async ({ start }) => {
        const running = await start({ ...server("initialize", text, { isolation }), hub: true });
        const { port } = running;
        const hub = `http://127.0.0.1:${port}`;
        const health = await (await fetch(`${hub}/health`)).text();
        expect(health).toContain("begin");
        const page = await (await fetch(hub, { headers: { accept: "text/html" } })).text();
        expect(page).toContain("begin");
        const modern = new ModernClient(running);
        const asked = await fetch(`${hub}/fixture/mcp`, { method: "POST", headers: modern.headers });
        const opened = await running.client().initialize();
        allHarmless([
          ...textsIn(JSON.parse(health)),
          page,
          ...textsIn(await asked.json().catch(() => ({}))),
          ...textsIn(await opened.json().catch(() => ({}))),
          ...told(running),
        ]);
      },
    );
  }

  test.concurrent(`${what} in what a server says of itself`, async ({ start }) => {
    const running = await start(server("version", text));
    const health = await (await running.probe("/health")).json();
    allHarmless([...textsIn(health), ...told(running)]);
  });

  test.concurrent(`${what} in the code of an error, in the audit`, async ({ start }) => {
    const running = await start(server("code", text));
    await (await running.open()).tool("echo");
    await until("the call is told", () => running.log.some((line) => line.includes("AUTH call")));
    allHarmless(told(running));
  });

  test.concurrent(`${what} in what a client says of itself`, async ({ start }) => {
    const running = await start(server("version", "1"));
    const client = running.client();
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: text, version: text } };
    const answer = await client.post(encode({ jsonrpc: "2.0", id: 1, method: "initialize", params }));
    client.session = answer.headers.get("mcp-session-id") ?? "";
    await client.post(encode({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "echo", arguments: {} } }));
    await client.end();
    await until("the call is told", () => running.log.some((line) => line.includes("AUTH call")));
    expect(running.log.join("")).toMatch(/"client":".*AUTH session-opened/);
    allHarmless(told(running));
  });
}

test.concurrent("escapes in headers, paths and session ids", async ({ start }) => {
  const running = await start();
  const c1 = "\u009b2J\u009d0;x\u009c\u0085";
  const initialize = encode({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
  const post = (headers: string, path = "/mcp") =>
    sendRaw(
      running.port,
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${initialize.length}\r\n${headers}\r\n\r\n${initialize}`,
    );
  const answers = [
    await post(`User-Agent: ${c1}`),
    await post(`Mcp-Session-Id: ${c1}\r\nMCP-Protocol-Version: ${c1}`),
    await post(`Origin: ${c1}`),
    await post("X: y", `/${encodeURIComponent(c1)}/there/is/nothing`),
    await post(`Authorization: Bearer ${c1}`),
  ];
  for (const { body } of answers) if (body.startsWith("{")) allHarmless(textsIn(JSON.parse(body)));
  allHarmless(told(running));
});

test.concurrent("a path and a method of many kilobytes are told in part", async ({ start }) => {
  const running = await start();
  const long = "x".repeat(10_000);
  const nothing = (await (await running.probe(`/${long}`)).json()) as { error: { message: string } };
  expect(nothing.error.message.length).toBeLessThan(2_500);
  expect(nothing.error.message).toContain("more characters");
});

test.concurrent("an argument of the command that is secret is in no message", async ({ start }) => {
  const command = `no-such-program --api-key ${SECRET.replaceAll(/\W/g, "")}1 --url https://bob:${PASSWORD}@db.example.org`;
  const running = await start({ command });
  const answer = await running.client().initialize();
  allHarmless([...told(running), ...textsIn(await answer.json())]);
});

upstreamTest("escapes and secrets in what an upstream answers", async ({ serve, start }) => {
  const upstream = await serve(({ message, res }) =>
    message.id === undefined
      ? res.writeHead(202).end()
      : json(res, encode({ jsonrpc: "2.0", id: message.id, error: { code: -32000, message: `${EVIL} ${LEAK}` } })),
  );
  const headers = { Authorization: `Bearer ${SECRET}`, "X-Key": PASSWORD };
  const running = await start({
    service: { server: { kind: "http", url: upstream.url, headers }, isolation: "shared" },
    hub: true,
  });
  const health = await (await running.probe("/health")).json();
  allHarmless([...textsIn(health), ...told(running)]);
});

for (const [who, headers, isTold] of [
  ["on this machine", {}, true],
  ["behind a proxy on this machine", { "x-forwarded-for": "192.0.2.1" }, false],
  ["behind a tunnel on this machine", { "cf-connecting-ip": "192.0.2.1" }, false],
  [
    "behind a proxy, with a token",
    { "x-forwarded-for": "192.0.2.1", authorization: "Bearer the-token-of-the-hub-1" },
    true,
  ],
  ["behind a proxy, with a wrong token", { "x-forwarded-for": "192.0.2.1", authorization: "Bearer wrong" }, false],
] as const) {
  test.concurrent(`why a server failed is ${isTold ? "told" : "not told"} to a caller ${who}`, async ({ start }) => {
    const failing = server("initialize", "the words of the server");
    const { port } = await start({ ...failing, hub: true, tokens: ["the-token-of-the-hub-1"] });
    for (const path of ["/health", "/"]) {
      const answer = await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text();
      expect(answer.includes("the words of the server"), path).toBe(isTold);
      expect(answer.includes("failed to start"), path).toBe(!isTold);
    }
  });
}

test.concurrent(
  "npx gangway shows a person what a failed server wrote, without its escapes and secrets",
  async ({ run }) => {
    const gateway = run({
      child: ["--exit", "\u001b]0;owned\u0007\u001b[31mred\u001b[0m token=s3cr3t-value-1"],
      flags: ["--env", "API_TOKEN=s3cr3t-value-1"],
      begun: /never/,
    });
    const said = await gateway.then(
      () => "",
      (error: Error) => error.message,
    );
    expect(said).toContain("gangway: The MCP server of fixture did not start");
    expect(said).toMatch(/red token=\[\w+\]/);
    harmless(said);
    expect(said).not.toContain("s3cr3t");
  },
);

test.concurrent("a tool's name in the audit is no second line, whatever it holds", async ({ start }) => {
  const running = await start({ command: modernChild() });
  const client = new ModernClient(running);
  // Control characters do not come this far: a call with such a name is refused.
  const name = '\u202ex","outcome":"ok"}{"level":"info","msg":"AUTH session-opened"}';
  await client.post(encode({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } }));
  await (
    await running
      .client()
      .open()
      .catch(() => client)
  )
    .tool(name)
    .catch(() => {});
  await until("the call is told", () => running.log.some((line) => line.includes("AUTH call")));
  for (const line of running.log) expect(Object.keys(JSON.parse(line) as object)).toContain("msg");
  expect(running.log.filter((line) => line.startsWith('{"level":"info","msg"'))).toEqual([]);
});
