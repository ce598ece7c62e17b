/** Headers that come twice, that are long, or that are made to be slow to read. */
import { expect, describe, test as plain } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { sendRaw } from "../../fixtures/raw.ts";
import { loginMistake } from "../../auth/login-mistakes.ts";
import { nameIn } from "../../limits/host-and-origin.ts";
import { clientOf, TrustedProxies } from "../../limits/trusted-proxies.ts";
import { readEventId } from "../../sessions/stream.ts";
import { pathOf } from "../../transports/exchange.ts";
import { isJson, readAccept } from "../../transports/media-types.ts";
import { questionAt } from "../../transports/no-oauth.ts";

const TOKEN = "right-token-of-some-length";
const settings = { service: { isolation: "shared" }, tokens: [TOKEN], exemptLoopback: false } as const;
const BODY = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}';
const post = (...headers: string[]) => ["POST /mcp HTTP/1.1", "Connection: close", ...headers, "", ""].join("\r\n");
const waiting = (...headers: string[]) => post(...headers, "Expect: 100-continue");
const complete = [
  "Host: localhost",
  `Authorization: Bearer ${TOKEN}`,
  "Content-Type: application/json",
  `Content-Length: ${BODY.length}`,
];

test.for([
  "Host: localhost",
  "host: evil.example",
  `Authorization: Bearer ${TOKEN}`,
  "AUTHORIZATION: Bearer wrong-token-of-some-length",
  "Content-Type: text/plain",
])("a second header is 400, whichever of the two is right: %s", async (second, { start }) => {
  const { port, service } = await start(settings);
  for (const headers of [
    [...complete, second],
    [second, ...complete],
  ]) {
    const answer = await sendRaw(port, post(...headers) + BODY);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      jsonrpc: "2.0",
      error: { message: expect.stringMatching(/came twice/) as string },
    });
  }
  expect((await sendRaw(port, post(...complete) + BODY)).status).toBe(200);
  expect(service.sessions.size).toBe(1);
});

test.for([
  ["http://evil.example/mcp", "localhost"],
  ["HTTP://evil.example:80/mcp", "localhost"],
  ["http://localhost/mcp", "evil.example"],
])("a request line that names a host is bound by it like a Host header: %s", async ([target, host], { start }) => {
  const { port } = await start(settings);
  const to = (line: string, name: string) =>
    sendRaw(port, (post(...complete) + BODY).replace("/mcp", line).replace("Host: localhost", `Host: ${name}`));
  expect((await to(target as string, host as string)).status).toBe(403);
  expect((await to("http://localhost/mcp", "localhost")).status).toBe(200);
});

test.for([
  ["a tunnel", "CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", NaN],
  ["another protocol", post(...complete, "Upgrade: h2c").replace("close", "Upgrade, close") + BODY, 200],
  ["two lengths", post(...complete, `Content-Length: ${BODY.length}`) + BODY, 400],
  ["a length and chunks", post(...complete, "Transfer-Encoding: chunked") + BODY, 400],
] as const)("a request for %s is plain HTTP or nothing", async ([, request, expected], { start }) => {
  const { port } = await start(settings);
  const { status, head } = await sendRaw(port, request);
  expect(status).toBe(expected);
  expect(head).not.toMatch(/ 101 |upgrade:/i);
});

describe("a client that waits to be asked for its body", () => {
  test.for([
    ["a wrong token", "Authorization: Bearer wrong-token-of-some-length", "application/json", 401],
    ["a foreign page", `Authorization: Bearer ${TOKEN}\r\nOrigin: https://evil.example`, "application/json", 403],
    ["a body that is no JSON", `Authorization: Bearer ${TOKEN}`, "text/plain", 415],
  ] as const)("is answered %s without being asked", async ([, login, type, status], { start }) => {
    const { port } = await start(settings);
    const request = waiting("Host: localhost", login, `Content-Type: ${type}`, "Content-Length: 100000");
    const answer = await sendRaw(port, request);
    expect(answer.status).toBe(status);
    expect(answer.head).toMatch(/connection: close/i);
  });

  test("is not asked for a body that is too long", async ({ start }) => {
    const { port } = await start({ ...settings, service: { isolation: "shared", maxBody: 1_000 } });
    const long = complete.map((header) => (header.startsWith("Content-Length") ? "Content-Length: 100000" : header));
    expect((await sendRaw(port, waiting(...long))).status).toBe(413);
  });

  test("is asked when all checks have passed", async ({ start }) => {
    const { port, service } = await start(settings);
    const { head, body } = await sendRaw(port, waiting(...complete) + BODY);
    expect(head).toMatch(/^HTTP\/1.1 100 Continue/);
    expect(body).toMatch(/^HTTP\/1.1 200 OK/);
    expect(service.sessions.size).toBe(1);
  });
});

test("headers over the limit are 431 in JSON with the limit, and the connection is closed", async ({ start }) => {
  const { port } = await start({ ...settings, maxHeaders: 32_768 });
  const bomb = (bytes: number) => sendRaw(port, post(...complete, `X-Bomb: ${"x".repeat(bytes)}`) + BODY);
  expect((await bomb(20_000)).status).toBe(200);
  for (const bytes of [40_000, 1_000_000]) {
    const answer = await bomb(bytes);
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { message: expect.stringMatching(/over 32768 bytes/) as string },
    });
  }
});

test("thousands of refused hosts and pages are two lines in the log, with what they were", async ({ start }) => {
  const { port, log } = await start(settings);
  for (let index = 0; index < 200; index++) {
    expect((await sendRaw(port, post(`Host: evil-${index}.example`))).status).toBe(403);
    expect((await sendRaw(port, post("Host: localhost", `Origin: https://evil-${index}.example`))).status).toBe(403);
  }
  const lines = log.filter((line) => line.includes('"audit":"refused"'));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/"reason":"unknown host name".*"host":"evil-0\.example"/);
  expect(lines[1]).toMatch(/"reason":"page of another site".*"origin":"evil-0\.example"/);
});

test("how often more were refused is told at the end", async ({ start }) => {
  const { port, log, gateway } = await start(settings);
  for (let index = 0; index < 5; index++) await sendRaw(port, post("Host: evil.example"));
  await gateway.stop();
  await until("the rest has been told", () => log.some((line) => line.includes('"count":4')));
});

/** Everything that reads text of a stranger before he has logged in, or at each request. */
const READERS: Record<string, (text: string) => unknown> = {
  "Host and Origin": nameIn,
  Accept: readAccept,
  "Content-Type": isJson,
  Authorization: loginMistake,
  "Bearer and more": (text) => loginMistake(`Bearer ${text}`),
  "X-Forwarded-For": (text) => clientOf("127.0.0.1", { "x-forwarded-for": text }, new TrustedProxies(["127.0.0.1"])),
  path: pathOf,
  "an OAuth path": questionAt,
  "Last-Event-ID": readEventId,
};
/** Made for readers that look again and again at what they have seen. */
const SLOW = [
  " ",
  ",",
  ", ",
  ";",
  '"',
  "\\",
  "/",
  ":",
  "[",
  "1",
  "1-",
  "1.",
  "a.",
  "a ",
  "{",
  "$",
  "Bearer ",
  "127.0.0.1,",
  "::",
  "q=0;",
];

describe("reading takes no more than four times as long for four times the text, whatever it is", () => {
  plain.for(Object.entries(READERS))("%s", ([, read]) => {
    for (const piece of SLOW) {
      const [short, long] = [16_000, 64_000].map((bytes) => piece.repeat(bytes / piece.length)) as [string, string];
      // The least of several runs: a busy machine makes some of them longer, none shorter. Quadratic would be 16 times.
      const ratio = () => least(() => read(long)) / (least(() => read(short)) + 0.5);
      expect(Math.min(ratio(), ratio(), ratio()), JSON.stringify(piece)).toBeLessThan(12);
    }
  });
});

/** Milliseconds of the quickest of several runs. */
function least(run: () => unknown): number {
  let quickest = Infinity;
  for (let times = 0; times < 5; times++) {
    const begun = performance.now();
    run();
    quickest = Math.min(quickest, performance.now() - begun);
  }
  return quickest;
}

test("15 kB of blanks in Access-Control-Request-Headers take no time, and what is asked after them is not heard", async ({
  start,
}) => {
  const { port } = await start({
    ...settings,
    service: { isolation: "shared", allowedOrigins: ["https://page.example"] },
  });
  const preflight = ["OPTIONS /mcp HTTP/1.1", "Host: localhost", "Connection: close", "Origin: https://page.example"];
  const asked = `Access-Control-Request-Headers: mcp-param-a${" ".repeat(15_000)}x, mcp-param-b`;
  const begun = performance.eventLoopUtilization();
  const answer = await sendRaw(port, [...preflight, asked, "", ""].join("\r\n"));
  expect(performance.eventLoopUtilization(begun).active).toBeLessThan(1_000);
  expect(answer.status).toBe(204);
  expect(answer.head).not.toMatch(/mcp-param-/i);
});
