/** An unreadable message of a server affects only the caller that it was meant for. */
import { expect } from "vitest";
import type { Received } from "../../fixtures/client.ts";
import { test, type Running } from "../../fixtures/harness.ts";
import { ModernClient, modernChild, servers } from "../../fixtures/modern-client.ts";

const ANSWER = '{"jsonrpc":"2.0","id":$ID,"result":{"content":[{"text":"answered"}]}}';
const text = ({ result }: Received) => result?.content?.[0]?.text;
const notification = (method: string, params: string) =>
  `{"jsonrpc":"2.0","method":"notifications/${method}","params":${params}}`;

/** Messages with a valid envelope whose content is not JSON, or not what it should be. */
const ODD = [
  notification("message", '{"level":"\\x"}'),
  notification("message", '{"level":{oops}}'),
  notification("message", "null"),
  notification("resources/updated", '{"uri":"\\x"}'),
  notification("resources/updated", '{"uri":null}'),
  notification("resources/updated", "[]"),
  notification("progress", '{"progressToken":"\\x"}'),
  notification("cancelled", '{"requestId":{}}'),
  notification("tools/list_changed", '{"_meta":{"io.modelcontextprotocol/subscriptionId":"\\x"}}'),
  '{"jsonrpc":"2.0","id":1,"result":{oops}}',
];

const unexpected = ({ log }: Running) => log.filter((line) => /"(uncaught|unhandled|internal error)"/.test(line));

for (const [name, settings] of servers) {
  test.concurrent(`an odd message is dropped, and the answer after it arrives, ${name}`, async ({ start }) => {
    const running = await start(settings);
    const client = new ModernClient(running);
    const { messages } = await client.listen({ toolsListChanged: true, resourceSubscriptions: ["a:"] });
    for (const odd of ODD) {
      const raw = { text: `${odd}\n${ANSWER}` };
      expect(text(await client.tool("raw", raw, { logLevel: "debug" })), odd).toBe("answered");
    }
    expect(messages).toHaveLength(1);
    expect(unexpected(running)).toEqual([]);
  });

  test.concurrent(
    `an unreadable answer is an error for its caller, and the next answer arrives, ${name}`,
    async ({ start }) => {
      const running = await start(settings);
      const client = new ModernClient(running);
      for (const body of [
        '"result":{},"error":{}}',
        '"id":$ID',
        '"result":{oops}',
        '"result":"\\x"',
        '"error":{"code":oops}',
      ]) {
        const raw = { text: `{"jsonrpc":"2.0","id":$ID,${body}}\n` };
        const response = await client.send("tools/call", { name: "raw", arguments: raw });
        expect(response.status, body).toBe(200); // the gateway does not check what is in a result
        await response.text();
        expect(await client.text("echo", { text: "goes on" })).toBe("goes on");
      }
      expect(unexpected(running)).toEqual([]);
    },
  );
}

test.concurrent("an odd message of a modern server is dropped for legacy sessions too", async ({ start }) => {
  const running = await start(servers[0]![1]);
  const session = await running.open();
  await session.request("logging/setLevel", { level: "debug" });
  await session.request("resources/subscribe", { uri: "a:" });
  for (const odd of ODD) expect(text(await session.tool("raw", { text: `${odd}\n${ANSWER}` })), odd).toBe("answered");
  expect(unexpected(running)).toEqual([]);
});

const LISTS = [
  '{"tools":[null,5,"text",[],{"name":5},{"name":"a","inputSchema":null},$MARKED]}',
  '{"tools":{"0":$MARKED}}',
];
const MARKED = '{"name":"routed","inputSchema":{"properties":{"region":{"x-mcp-header":"Region"},"x":null,"y":5}}}';

for (const list of LISTS.map((text) => text.replace("$MARKED", MARKED))) {
  test.concurrent(`a list of tools with odd items is passed on unchanged: ${list.slice(0, 20)}`, async ({ start }) => {
    const legacy = new ModernClient(await start({ child: ["--list", list] }));
    expect(JSON.stringify((await legacy.request("tools/list")).result)).toContain(list.slice(1, -1));
    const { tools } = JSON.parse(list) as { tools: unknown };
    const modern = new ModernClient(await start({ command: modernChild() }));
    await modern.text("relist", { tools });
    expect((await modern.request("tools/list")).result!["tools"]).toEqual(tools);
  });
}
