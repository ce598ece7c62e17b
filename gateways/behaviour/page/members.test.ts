/** The page of a group whose members run in gateways of their own: those of a whole deployment. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { test, until, type Running, type Settings } from "../../fixtures/harness.ts";
import { ELSEWHERE, PageVisit } from "../../fixtures/page-visitor.ts";

const TOKEN = "token-of-the-team-of-some-length";
const SHARED = { isolation: "shared" } as const;

type Start = (settings?: Settings) => Promise<Running>;

/** A group in front of the members at these URLs. */
const groupOf = (start: Start, members: Readonly<Record<string, string>>) => {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const server = {
    kind: "group" as const,
    members: Object.entries(members).map(([name, url]) => ({ name, url, headers })),
  };
  return start({ tokens: [TOKEN], service: { name: "team", server } });
};

test("shows them with their tools and their last hour, and tries their tools through the group", async ({ start }) => {
  const member = await start({ service: SHARED, tokens: [TOKEN] });
  const { port } = await groupOf(start, { notes: `http://127.0.0.1:${member.port}/mcp` });
  const visit = new PageVisit(port, ELSEWHERE);
  await visit.logIn(TOKEN);
  const { services } = await visit.status();
  expect(services.map(({ name, state }) => [name, state])).toEqual([
    ["team", "up"],
    ["notes", "up"],
  ]);
  const url = `http://127.0.0.1:${port}/mcp`;
  expect(services[1]).toMatchObject({ url, asksForToken: true, mayCall: true, details: { version: "1" } });
  expect(services[1]?.details?.tools?.map(({ name }) => name)).toContain("echo");
  expect((await visit.call("notes", "echo", { text: "hi" })).response).toMatchObject({
    result: { content: [{ text: "hi" }] },
  });
  const events = await visit.watch();
  const callsOf = () =>
    events.told.findLast(({ name }) => name === "notes")?.details?.minutes.calls.reduce((all, calls) => all + calls, 0);
  await until("the call is told", () => callsOf() === 1);
  await events.close();
});

test("is the page of the group's own address, with each member on it", async ({ start }) => {
  const member = await start({ service: SHARED, tokens: [TOKEN] });
  const { port } = await groupOf(start, { notes: `http://127.0.0.1:${member.port}/mcp` });
  const page = await (await new PageVisit(port, { accept: "text/html" }).fetch("/")).text();
  for (const name of ["team", "notes"]) expect(page).toContain(`id="${name}"`);
});

test("strangers see the group alone, and none of its members", async ({ start }) => {
  const member = await start({ service: SHARED, tokens: [TOKEN] });
  const { port } = await groupOf(start, { notes: `http://127.0.0.1:${member.port}/mcp` });
  const { services } = await new PageVisit(port, ELSEWHERE).status();
  expect(services.map(({ name }) => name)).toEqual(["team"]);
});

test.for([
  ["no gateway", "<h1>It works</h1>"],
  ["nonsense", '{"services":[{"state":"fine","details":7}]}'],
  ["somebody who sends without end", `{"services":[],"x":"${"x".repeat(5_000_000)}"}`],
])("a member that is %s leaves the page as it is", async ([, answer], { start, onTestFinished }) => {
  const server = createServer((_, res) => void res.end(answer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.close().closeAllConnections());
  const { port } = await groupOf(start, { odd: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` });
  const { services } = await new PageVisit(port).status();
  expect(services.map(({ name }) => name)).toEqual(["team"]);
});
