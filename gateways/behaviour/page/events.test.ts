/** What an open page is told, and what it costs the gateway at most. */
import { expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { ELSEWHERE, PageVisit, type PageEvents } from "../../fixtures/page-visitor.ts";

const TOKEN = "right-token-of-some-length";
const SHARED = { isolation: "shared" } as const;

test("a page is told of every service at first, and of one again when it has changed", async ({ start }) => {
  const { port, open } = await start({ service: SHARED });
  const events = await new PageVisit(port).watch();
  expect(events.response.headers.get("content-type")).toBe("text/event-stream");
  await until("the tools are told", () => events.told.some(({ details }) => details?.tools !== undefined));
  expect(events.told[0]).toMatchObject({ name: "fixture", state: "up", mayCall: true, details: { sessions: 0 } });
  const told = events.told.length;
  await open();
  await until("the session is told", () => events.told.at(-1)?.details?.sessions === 1);
  expect(events.told.slice(told).every(({ details }) => details?.tools === undefined)).toBe(true);
  await events.close();
});

test("nothing but a sign of life is sent while nothing changes", async ({ start }) => {
  const { port } = await start({ service: SHARED, heartbeat: 100 });
  const visit = new PageVisit(port);
  await visit.status();
  const events = await visit.watch();
  await until("the service is told", () => events.told.length > 0);
  const told = events.told.length;
  const { bytes } = events;
  await until("it has beaten", () => events.bytes >= bytes + 50 * ": \n\n".length);
  expect(events.told.length).toBe(told);
  await events.close();
});

test("a change is told at most once a second", async ({ start }) => {
  const { port, open } = await start({ service: SHARED });
  const events = await new PageVisit(port).watch();
  const client = await open();
  const began = performance.now();
  while (performance.now() - began < 2_500) await client.tool("echo");
  const seconds = (performance.now() - began) / 1_000;
  expect(events.told.length).toBeLessThanOrEqual(Math.ceil(seconds) + 2);
  await events.close();
});

test("strangers, however many, leave room for whoever has a token", async ({ start }) => {
  const { port } = await start({ service: SHARED, tokens: [TOKEN], hub: true });
  const strangers = await Promise.all(Array.from({ length: 40 }, () => new PageVisit(port, ELSEWHERE).watch()));
  expect(strangers.filter(({ response }) => response.status === 200)).toHaveLength(16);
  const visit = new PageVisit(port, ELSEWHERE);
  await visit.logIn(TOKEN);
  const own = await visit.watch();
  expect(own.response.status).toBe(200);
  await Promise.all([own, ...strangers].map((events) => events.close()));
});

test("a new list of tools is told when its server says that it has one", async ({ start }) => {
  const file = new URL("../../fixtures/lists-child.ts", import.meta.url).pathname;
  const command = `'${process.execPath}' '${file}' '{"tools":["grow"]}'`;
  const { port, open } = await start({ service: SHARED, command });
  const events = await new PageVisit(port).watch();
  const lists = () =>
    events.told.flatMap(({ details }) => (details?.tools ? [details.tools.map(({ name }) => name)] : []));
  await until("the first list is told", () => lists().length > 0);
  await (await open()).tool("grow");
  await until("the second is told", () => lists().length > 1);
  expect(lists()).toEqual([["grow"], ["grow", "grown"]]);
  await events.close();
});

test("a thousand pages: some are told, the others refused, and callers are served as before", async ({ start }) => {
  const { port, open } = await start({ service: SHARED });
  const client = await open();
  const visits = Array.from({ length: 1_000 }, (_, at) => {
    // Each hundred from an address of its own, as a proxy says.
    const visit = new PageVisit(port, at % 2 === 0 ? {} : ELSEWHERE);
    return visit.watch().catch(() => undefined);
  });
  const all = (await Promise.all(visits)).filter((events): events is PageEvents => events !== undefined);
  const open200 = all.filter(({ response }) => response.status === 200);
  const refused = all.filter(({ response }) => response.status !== 200);
  expect(open200.length).toBeLessThanOrEqual(32);
  expect(open200.length).toBeGreaterThan(0);
  expect(refused.every(({ response: { status } }) => status === 429 || status === 503)).toBe(true);
  expect(await client.text("echo", { text: "hi" })).toBe("hi");
  await Promise.all(all.map((events) => events.close()));
  await until("there is room again", async () => {
    const again = await new PageVisit(port).watch();
    await again.close();
    return again.response.status === 200;
  });
});

test("streams end with the gateway, which does not wait for them", async ({ start }) => {
  const { port, gateway } = await start({ service: SHARED });
  const events = await new PageVisit(port).watch();
  await until("it is told", () => events.told.length > 0);
  await Promise.all([gateway.stop(), events.ended]);
});

test("a stranger is told of changes in as many words as the probes have", async ({ start }) => {
  const { port } = await start({ service: SHARED, tokens: [TOKEN] });
  const events = await new PageVisit(port, ELSEWHERE).watch();
  await until("it is told", () => events.told.length > 0);
  expect(events.told[0]).toEqual({
    name: "fixture",
    state: "up",
    url: `http://127.0.0.1:${port}/mcp`,
    asksForToken: true,
    mayCall: false,
  });
  await events.close();
});

test("whoever asks for anything but a stream is told so", async ({ start }) => {
  const { port } = await start({ service: SHARED });
  const visit = new PageVisit(port);
  expect((await visit.fetch("/_/events", { headers: { accept: "text/html" } })).status).toBe(406);
  const head = await visit.fetch("/_/events", { method: "HEAD" });
  expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
});
