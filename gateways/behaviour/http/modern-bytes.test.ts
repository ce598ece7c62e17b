/** Modern messages on the wire: the syntax of header fields, and bodies that arrive byte for byte. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { META, ModernClient, servers, VERSION } from "../../fixtures/modern-client.ts";
import { sendRaw } from "../../fixtures/raw.ts";

const [[, modern]] = servers as [(typeof servers)[0]];

const HEADERS = [`MCP-Protocol-Version: ${VERSION}`, "Mcp-Method: tools/call", "Mcp-Name: line"];
const HEAD = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n`;

/** A call of the tool that answers with the call itself, with further parameters. */
const lineCall = (more = "") =>
  `{"jsonrpc":"2.0","id":"wire","method":"tools/call","params":{"name":"line","_meta":${JSON.stringify(META)}${more}}}`;

function send(port: number, headers: readonly string[], body: string) {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return sendRaw(port, `${HEAD}${[...headers, length].join("\r\n")}\r\n\r\n${body}`);
}

test.concurrent("header fields may be in any case, with space around the value", async ({ start }) => {
  const { port } = await start(modern);
  for (const headers of [
    HEADERS.map((line) => line.toLowerCase()),
    HEADERS.map((line) => line.replace(/^[^:]+/, (name) => name.toUpperCase())),
    HEADERS.map((line) => `${line.replace(": ", ": \t ")} \t`),
    HEADERS.map((line) => line.replace(": ", ":")),
  ])
    expect((await send(port, headers, lineCall())).status).toBe(200);
});

test.concurrent(
  "a header field that is sent twice or is not ASCII is 400 and -32020, whatever its value",
  async ({ start }) => {
    const { port } = await start(modern);
    const [version, method, name] = HEADERS as [string, string, string];
    for (const headers of [
      [...HEADERS, method],
      [...HEADERS, "Mcp-Method: tools/list"],
      [...HEADERS, name],
      [...HEADERS, version],
      [version, method, `${name}\u00e4`],
      [version, method, "Mcp-Name: =?base64?bGluZQ=?="],
      [version, method, "Mcp-Name:"],
    ]) {
      const { status, body } = await send(port, headers, lineCall());
      expect([status, (JSON.parse(body) as { error: { code: number } }).error.code], headers.join()).toEqual([
        400, -32020,
      ]);
    }
  },
);

const ODD = '"big":9007199254740993,"e":1.50E+1,"neg":-0,"s":"\\/ \\u20ac \u20ac \\ud83d\\ude00","":{"a":[1 , 2]}';

test.concurrent("a modern server gets arguments byte for byte, under an id of the gateway's own", async ({ start }) => {
  const { port } = await start(modern);
  const { body } = await send(port, HEADERS, lineCall(`,"arguments": { ${ODD} }`));
  const { id, result } = JSON.parse(Buffer.from(body).toString()) as {
    id: string;
    result: { content: [{ text: string }] };
  };
  const { text } = result.content[0];
  expect(id).toBe("wire");
  expect(text).toContain(`"arguments": { ${ODD} }`);
  expect((JSON.parse(text) as { id: unknown }).id).toEqual(expect.any(Number));
});

for (const [name, settings] of servers) {
  test.concurrent(`results of ${name} arrive byte for byte, with the client's own id`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const result = `{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{}},${ODD}}`;
    const raw = `{ "id":$ID , "jsonrpc" :"2.0","result": ${result} , "extra":1}`;
    for (const id of ["9007199254740993", '"\\u20ac"', '"a b"', "0", "-7"]) {
      const call = { name: "raw", arguments: { text: raw }, _meta: META };
      const body = JSON.stringify({ jsonrpc: "2.0", id: "$", method: "tools/call", params: call }).replace('"$"', id);
      const headers = { "mcp-protocol-version": VERSION, "mcp-method": "tools/call", "mcp-name": "raw" };
      expect(await (await client.post(body, headers)).text()).toBe(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
    }
  });

  test.concurrent(`a request whose keys contain escapes reaches ${name}`, async ({ start }) => {
    const client = new ModernClient(await start(settings));
    const params = { name: "progress", arguments: { text: "on" }, _meta: { ...META, progressToken: "p" } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params })
      .replace('"_meta"', '"\\u005fmeta"')
      .replace('"progressToken"', '"progress\\u0054oken"')
      .replaceAll("modelcontextprotocol/", "modelcontextprotocol\\/");
    const headers = { "mcp-protocol-version": VERSION, "mcp-method": "tools/call", "mcp-name": "progress" };
    const text = await (await client.post(body, headers)).text();
    expect(text).toMatch(/"progressToken":"p".*\n\nevent: message\n.*"text":"on"/);
  });
}
