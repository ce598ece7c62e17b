/** The handshake with a modern server, without a process. */
import { pino } from "pino";
import { expect, test } from "vitest";
import { modernHandshake } from "./modern-handshake.ts";
import { handshake } from "./handshake.ts";
import { Connection } from "./connection.ts";

interface Sent {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly cursor?: string; readonly _meta: object };
}

/** A server that answers with what a function returns: a result, or an error. */
function server(answerTo: (sent: Sent) => unknown) {
  const sent: Sent[] = [];
  const ignored = { notification: () => {}, request: () => {}, closed: () => {} };
  const options = { service: "test", requestTimeout: 10_000, modern: true };
  const open: ConstructorParameters<typeof Connection>[0] = (events) => ({
    label: "test",
    close: async () => {},
    send: (text) => {
      const request = JSON.parse(text) as Sent;
      sent.push(request);
      if (request.id === undefined) return;
      const answer = answerTo(request);
      const error = answer instanceof Error ? { code: -32601, message: answer.message } : undefined;
      queueMicrotask(() =>
        events.message(JSON.stringify({ jsonrpc: "2.0", id: request.id, ...(error ? { error } : { result: answer }) })),
      );
    },
  });
  return { sent, connection: new Connection(open, options, ignored, pino({ enabled: false })) };
}

const KEY = "io.modelcontextprotocol";
const discovery = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } };
const serverInfo = { name: "modern", version: "3" };

test("the handshake sends server/discover and tools/list, with the metadata that every request carries", async () => {
  const listed = { tools: [{ name: "a" }, { name: "b" }] };
  const { connection, sent } = server(({ method }) =>
    method === "tools/list"
      ? listed
      : { ...discovery, instructions: "Be kind.", _meta: { [`${KEY}/serverInfo`]: serverInfo } },
  );
  const { result, tools, version } = await modernHandshake(connection);
  expect(result).toMatchObject({ ...discovery, instructions: "Be kind.", serverInfo });
  await tools.list(connection);
  expect([tools.count, version]).toEqual([2, "3"]);
  expect(sent.map(({ method }) => method)).toEqual(["server/discover", "tools/list"]);
  for (const { params } of sent)
    expect(params._meta).toEqual({
      [`${KEY}/protocolVersion`]: "2026-07-28",
      [`${KEY}/clientCapabilities`]: {},
      [`${KEY}/clientInfo`]: expect.objectContaining({ name: "gangway" }) as object,
    });
});

test("a server without serverInfo has no version, and one without tools is not asked to list them", async () => {
  const { connection, sent } = server(() => ({ supportedVersions: ["2099-01-01", "2026-07-28"] }));
  const { result, tools, version } = await modernHandshake(connection);
  expect(result).toMatchObject({ capabilities: {}, serverInfo: undefined });
  expect([tools.count, version, sent.length]).toEqual([0, undefined, 1]);
});

test.each<[string, unknown, RegExp]>([
  ["an error", new Error("no such method"), /server\/discover: no such method/],
  ["no versions", {}, /has no supportedVersions/],
  ["versions that are not a list", { supportedVersions: "2026-07-28" }, /has no supportedVersions/],
  ["null", null, /has no supportedVersions/],
  ["no version in common", { supportedVersions: ["2099-01-01"] }, /none of the protocol revisions .*\(2099-01-01\)/],
  ["no version at all", { supportedVersions: [] }, /none of the protocol revisions/],
])("a server that answers server/discover with %s is not accepted as a modern one", async (_, answer, reason) => {
  await expect(modernHandshake(server(() => answer).connection)).rejects.toThrow(reason);
});

test("tools are listed over all pages, each request has its metadata, and header parameters are remembered", async () => {
  const inputSchema = { properties: { region: { "x-mcp-header": "Region" } } };
  const pages: Record<string, object> = {
    first: { tools: [{ name: "a" }], nextCursor: "second" },
    second: { tools: [{ name: "b", inputSchema }], nextCursor: "third" },
    third: { tools: "none", nextCursor: null },
  };
  const { connection, sent } = server(({ method, params }) =>
    method === "tools/list" ? pages[params.cursor ?? "first"] : discovery,
  );
  const { tools } = await modernHandshake(connection);
  await tools.list(connection);
  expect(tools.count).toBe(2);
  expect(tools.headersOf("b")).toEqual([{ header: "mcp-param-region", path: ["region"] }]);
  expect(sent.slice(1).map(({ params }) => params.cursor)).toEqual([undefined, "second", "third"]);
  expect(sent.every(({ params }) => params._meta)).toBe(true);
});

test("listing stops after 100 pages", async () => {
  const { connection, sent } = server(({ method }) =>
    method === "tools/list" ? { tools: [{}], nextCursor: "on" } : discovery,
  );
  const { tools } = await modernHandshake(connection);
  await tools.list(connection);
  expect(tools.count).toBe(100);
  expect(sent).toHaveLength(101);
});

test("an error in answer to initialize is told apart from other failures, since the server may be a modern one", async () => {
  const refused = handshake(server(() => new Error("Use 2026-07-28.")).connection);
  await expect(refused).rejects.toMatchObject({
    name: "initialize-refused",
    message: expect.stringMatching(/: Use 2026-07-28\. /) as string,
  });
  await expect(handshake(server(() => ({})).connection)).rejects.not.toHaveProperty("name", "initialize-refused");
});
