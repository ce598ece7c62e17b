/** What servers in use write around their messages, and in place of them. No call waits for what will not come. */
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { loose } from "../../fixtures/loose.ts";

const framings: readonly [string, ...string[]][] = [
  ["with CR LF", "--after", "\r\n"],
  ["with CR alone", "--after", "\r"],
  ["with white space around it", "--before", " \t ", "--after", " \t \n"],
  ["after a byte order mark", "--before", "\ufeff"],
  ["after white space and a byte order mark", "--before", " \ufeff "],
  ["between blank lines", "--before", "\n \n", "--after", "\n\r\n\n"],
  ["behind a spinner on the same line", "--before", "\rworking |\rworking /\r"],
  ["over several lines", "--pretty"],
  ["over several lines with CR LF between the messages", "--pretty", "--after", "\r\n"],
  ["in an array", "--batch"],
  ["in an array over several lines", "--batch", "--pretty"],
  ["after a banner", "--before", "[INFO] listening: {\n"],
  ["after a line that begins like a message", "--before", '{"jsonrpc":"2.0",\n'],
  ["after a lone brace", "--before", "{\n"],
];

for (const [what, ...flags] of framings) {
  test.concurrent(`a server that writes each message ${what} is understood`, async ({ start }) => {
    const { open } = await start(loose(...flags));
    const client = await open();
    for (const text of ["one", 'a "quote" { [ \\', "\u20ac\u2028\u2029\u0085"])
      expect(await client.text("echo", { text })).toBe(text);
  });
}

test("several messages in one array each reach their caller", async ({ start }) => {
  const { open } = await start(loose());
  const client = await open();
  const notification = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"first"}}';
  const text = `[${notification}, {"jsonrpc":"2.0","id":$ID,"result":{"content":[{"type":"text","text":"second"}]}}]\n`;
  const messages: unknown[] = [];
  const answer = await client.tool("write", { text }, { onMessage: (message) => messages.push(message) });
  expect(messages).toEqual([JSON.parse(notification)]);
  expect(answer.result?.content?.[0]?.text).toBe("second");
});

test("a server may log on standard output the requests that it reads", async ({ start }) => {
  const { open } = await start(loose());
  const client = await open();
  const logged = '{"level":"debug","request":{"jsonrpc":"2.0","id":$ID,"method":"tools/call"}}';
  const text = `${logged}\n{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}\n`;
  expect((await client.tool("write", { text })).result).toEqual({ content: [] });
});

const numbers = ["NaN", "Infinity", "-Infinity"];

for (const number of numbers) {
  test.concurrent(`${number} in a server's answer becomes null, and the log says so once`, async ({ start }) => {
    const { open, log } = await start(loose());
    const client = await open();
    const text = `{"jsonrpc":"2.0","id":$ID,"result":{"content":[],"of":[${number},"a \\"${number}",1], "x":${number}}}\n`;
    for (let call = 0; call < 2; call++) {
      const { result } = await client.tool("write", { text });
      expect(result).toEqual({ content: [], of: [null, `a "${number}`, 1], x: null });
    }
    expect(log.filter((line) => line.includes("NaN or Infinity"))).toHaveLength(1);
  });
}

const error = '{"code":-32603,"message":"no luck"}';

test("an error without an id ends the only open call with that error", async ({ start }) => {
  const { open } = await start(loose());
  const client = await open();
  for (const id of ['"id":null,', ""]) {
    const answer = await client.tool("write", { text: `{"jsonrpc":"2.0",${id}"error":${error}}\n` }, { id: "mine" });
    expect(answer).toEqual({ jsonrpc: "2.0", id: "mine", error: JSON.parse(error) as object });
  }
});

test("an error without an id ends none of two open calls, and the log says so", async ({ start }) => {
  const { open, log } = await start(loose());
  const client = await open();
  const [waits] = [
    client.tool("write", { text: "" }, { id: 1 }),
    client.tool("write", { text: `{"jsonrpc":"2.0","id":null,"error":${error}}\n` }, { id: 2 }),
  ];
  await until("it is logged", () => log.some((line) => line.includes("an error without an id")));
  await client.cancel(1);
  expect((await waits).error?.code).toBe(-32800);
});

test('"method not found" without an id answers a notification and ends no call', async ({ start }) => {
  const { open, log } = await start(loose());
  const client = await open();
  const answer = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}\n';
  const text = `{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"what?"}}\n${answer}`;
  expect((await client.tool("write", { text })).result).toEqual({ content: [] });
  await until("it is logged", () => log.some((line) => line.includes("an error without an id")));
});

test("a message that breaks off fails its call soon, long before the request timeout", async ({ start }) => {
  const { open } = await start({ ...loose(), service: { requestTimeout: 3_600_000 } });
  const client = await open();
  for (const text of ['{"jsonrpc":"2.0","id":$ID,"result":{\n', '{"jsonrpc":"2.0","id":$ID,\n"result":"\n'])
    expect((await client.tool("write", { text })).error?.message).toMatch(/not a JSON-RPC message/);
  expect(await client.text("echo", { text: "on" })).toBe("on");
});

test("a line that is no message is shown in the log once, shortened, without control characters", async ({ start }) => {
  const { open, log } = await start(loose());
  const client = await open();
  const answer = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}\n';
  const banner = `Hello \u001b[31mW\u00f6rld ${"x".repeat(200)}`;
  for (let call = 0; call < 3; call++) await client.tool("write", { text: `${banner}\n${answer}` });
  const shown = log.filter((line) => line.includes("tdout is not JSON-RPC"));
  expect(shown).toHaveLength(1);
  const { msg } = JSON.parse(shown[0]!) as { msg: string };
  expect(msg).toMatch(/^fixture: Its stdout is not JSON-RPC: the first line was "Hello .*W\u00f6rld x+…/);
  expect(msg).not.toMatch(/\p{Cc}/u);
  expect(msg.length).toBeLessThan(250);
});

test("an answer without a caller is dropped and counted", async ({ start }) => {
  const { open, log } = await start(loose());
  const client = await open();
  const answer = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}\n';
  expect((await client.tool("write", { text: answer.replace("$ID", "1") + answer + answer })).result).toEqual({
    content: [],
  });
  await until("both are counted", () => log.some((line) => line.includes('"unmatched":2')));
});

test.concurrent(
  "answers that break off one after another all fail long before the request timeout",
  async ({ start }) => {
    const { open } = await start({ service: { isolation: "shared" } });
    const client = await open();
    const broken = [
      '{"jsonrpc":"2.0","id":$ID,"result":{"content":',
      '{"id":$ID,"jsonrpc":"2.0","result":{"content":[',
    ];
    const answers = await Promise.all(broken.map((text) => client.tool("raw", { text })));
    expect(answers.map(({ error }) => error?.data)).toEqual(broken.map(() => ({ error: "bad-answer" })));
  },
);
