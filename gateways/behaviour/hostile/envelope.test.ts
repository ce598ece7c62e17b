/** Messages that say one thing to the gateway and another to a looser parser behind it. */
import { expect } from "vitest";
import type { Client } from "../../fixtures/client.ts";
import { test, type Running } from "../../fixtures/harness.ts";
import { loose } from "../../fixtures/loose.ts";

/** A call of the tool `echo`, with more in its envelope, params or metadata. */
const call = ({ envelope = "", params = "", meta = "" } = {}) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"},"_meta":{"progressToken":1${meta}}${params}}${envelope}}`;

const smuggled: readonly [string, string][] = [
  ["a second id", call({ envelope: ',"id":2' })],
  ["an id in capitals", call({ envelope: ',"ID":2' })],
  ["an id cut at a NUL", call({ envelope: ',"id\\u0000":2' })],
  ["an id cut at another control character", call({ envelope: ',"id\\u0001":2' })],
  ["a method in capitals", call({ envelope: ',"Method":"tools/list"' })],
  ["a method cut at a NUL", call({ envelope: ',"method\\u0000x":"tools/list"' })],
  ["a method whose value is cut at a NUL", call().replace("tools/call", "tools/call\\u0000x")],
  ["a method in another case", call().replace("tools/call", "Tools/Call")],
  ["params with a long s", call({ envelope: ',"param\u017f":{"name":"seen"}' })],
  ["params with an escaped long s", call({ envelope: ',"param\\u017f":{"name":"seen"}' })],
  ["a result in capitals", call({ envelope: ',"RESULT":{}' })],
  ["an unknown member in the envelope", call({ envelope: ',"data":{}' })],
  ["half a character in the envelope", call({ envelope: ',"id\\ud800":2' })],
  ["an empty key in the envelope", call({ envelope: ',"":2' })],
  ["a prototype in the envelope", call({ envelope: ',"__proto__":{"id":2}' })],
  ["a name in capitals", call({ params: ',"Name":"seen"' })],
  ["a second name", call({ params: ',"name":"seen"' })],
  ["a second name, escaped", call({ params: ',"n\\u0061me":"seen"' })],
  ["a name cut at a NUL", call({ params: ',"name\\u0000":"seen"' })],
  ["a name in full width", call({ params: ',"\uff4e\uff41\uff4d\uff45":"seen"' })],
  ["a name with a character of no width", call({ params: ',"na\u200bme":"seen"' })],
  ["a URI with a dotless i", call({ params: ',"ur\u0131":"a:"' })],
  ["a URI with a dotted capital i", call({ params: ',"ur\u0130":"a:"' })],
  ["metadata in capitals", call({ params: ',"_META":{"progressToken":2}' })],
  ["second metadata", call({ params: ',"_meta":{"progressToken":2}' })],
  ["a token in capitals", call({ meta: ',"PROGRESSTOKEN":2' })],
  ["a token with a Kelvin sign", call({ meta: ',"progressTo\u212aen":2' })],
  ["a second token", call({ meta: ',"progressToken":2' })],
  ["a token cut at a NUL", call({ meta: ',"progressToken\\u0000":2' })],
  ["a revision in capitals", call({ meta: ',"IO.modelcontextprotocol/protocolVersion":"2026-07-28"' })],
  ["a tool's name with a NUL", call().replace('"echo"', '"echo\\u0000"')],
  ["a tool's name with half a character", call().replace('"echo"', '"echo\\ud800"')],
  ["a URI with a NUL", call({ params: ',"uri":"a:\\u0000b"' })],
  ["params in a list, by position", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["seen",{}]}'],
  ["params in a list of one", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[{"name":"seen"}]}'],
  ["params as a text", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"seen"}'],
  ["a tool's name in a list", call().replace('"echo"', '["echo"]')],
  ["a tool's name in an object", call().replace('"echo"', '{"name":"echo"}')],
  ["a URI in a list", call({ params: ',"uri":["a:"]' })],
  ["a task's member in capitals", call({ params: ',"task":{"TTL":1}' })],
];

async function refusal(client: Client, body: string): Promise<[number, number | undefined]> {
  const response = await client.post(body);
  return [response.status, ((await response.json()) as { error?: { code: number } }).error?.code];
}

const methodsSeen = async (client: Client) =>
  (JSON.parse(await client.text("seen")) as { method: string; params?: { name?: string } }[])
    .filter(({ method }) => method === "tools/call" || method === "tools/list")
    .map(({ method, params }) => params?.name ?? method);

for (const keys of ["go", "c"]) {
  test.concurrent(`nothing is smuggled to a server whose keys are compared as in ${keys}`, async ({ start }) => {
    const { open }: Running = await start(loose("--keys", keys));
    const client = await open();
    for (const [what, body] of smuggled)
      expect(await refusal(client, body), what).toEqual([400, expect.toBeOneOf([-32600, -32602])]);
    for (const [what, body] of smuggled)
      expect(await refusal(client, `[${body}]`), what).toEqual([400, expect.toBeOneOf([-32600, -32602])]);
    expect(await methodsSeen(client)).toEqual(["seen"]);
  });
}

const initialize = (more: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"${more}}}}`;

test("nothing is smuggled in an initialize, a notification or an answer either", async ({ start }) => {
  const { client, open } = await start(loose("--keys", "go"));
  expect((await client().post(initialize(',"Name":"b"'))).status).toBe(400);
  expect((await client().post(initialize("").replace('"capabilities":{}', '"capabilities":{"ROOTS":{}}'))).status).toBe(
    400,
  );
  const session = await open();
  for (const body of [
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"RequestID":2}}',
    '{"jsonrpc":"2.0","method":"notifications/Cancelled","params":{"requestId":1}}',
    '{"jsonrpc":"2.0","id":"server-1","result":{},"Error":{}}',
    '{"jsonrpc":"2.0","id":"server-1","result":{},"more":1}',
  ])
    expect(await refusal(session, body), body).toEqual([400, -32600]);
});

test("a key that no parser could take for another passes in params, metadata and arguments", async ({ start }) => {
  const { open } = await start();
  const client = await open();
  const more = ',"sessionId":"s","x-y":{"Name":1},"\u540d\u524d":2,"caf\u00e9":3,"":4';
  const body = call({ params: more, meta: ',"com.example/Trace":"t","sentry-trace":"s"' }).replace(
    '{"text":"x"}',
    '{"text":"x","TEXT":"y","a\\u0000":1,"a\\u0000":2,"\\ud800":3}',
  );
  expect(await (await client.post(body, { accept: "application/json" })).json()).toMatchObject({
    result: { content: [{ text: "x" }] },
  });
  const calls = (await client.received()).filter(({ method }) => method === "tools/call");
  expect(calls[0]?.params).toMatchObject({ sessionId: "s", "x-y": { Name: 1 }, "\u540d\u524d": 2, "": 4 });
});

test("what reaches a server has the gateway's own envelope, whatever the client's looked like", async ({ start }) => {
  const { open } = await start(loose());
  const client = await open();
  const params =
    '{ "name" : "write", "arguments" :\t{"text" : "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":$ID,\\"result\\":{\\"n\\":-0}}\\n"} }';
  const body =
    ` {"params":${params} ,\n"\\u006dethod" : "tools\\/call", "id"\t:"a\\u0062" , "jsonrpc":"2.\\u0030".}`.replace(
      '"2.\\u0030".',
      '"2.0"',
    );
  const response = await client.post(body, { accept: "application/json" });
  expect(await response.text()).toBe('{"jsonrpc":"2.0","id":"a\\u0062","result":{"n":-0}}');
});

test("line separators beyond ASCII do not break a line for a server that reads with readline", async ({ start }) => {
  for (const isolation of ["shared", "session"] as const) {
    const { open } = await start({ ...loose(), service: { isolation } });
    const client = await open();
    const text = "a\u2028b\u2029c\u0085d\r\n\v\f\u001c\u001d\u001e";
    for (const more of ["", "\u201c\u00c2\u00a0\u20ac"])
      expect(await client.text("echo", { text: text + more })).toBe(text + more);
    const raw = call({ params: ',"\u2028":"\u2029"' });
    expect(await (await client.post(raw, { accept: "application/json" })).json()).toHaveProperty("error");
    expect(await client.text("echo", { text: "on" })).toBe("on");
  }
});
