/** Members of a group that are up and do not answer a list: it goes without them, which is told, until they answer. */
import { join } from "node:path";
import { expect } from "vitest";
import { Client, type Received } from "../../fixtures/client.ts";
import { test, until, type Running } from "../../fixtures/harness.ts";

/** Its list waits until one of its tools is called. `asked` tells how often it was asked for it. */
const HELD = `let release = [], asked = 0, held = true;
  const list = '{"tools":[{"name":"release","inputSchema":{}}]}';
  const wait = () => { asked++; return held ? new Promise((resolve) => release.push(() => resolve(list))) : list; };
  const call = ({ name }) => {
    if (name === "release") { held = false; for (const answer of release) answer(); }
    return JSON.stringify({ content: [{ type: "text", text: String(asked) }] });
  };`;
const scripted = (...given: readonly string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/scripted-child.ts"), ...given],
});
const late = scripted(HELD, "tools/list", "wait()", "tools/call", "call(params)");
const good = scripted("", "tools/list", `'{"tools":[{"name":"read","inputSchema":{}}]}'`);

const at = ({ port }: Running, path = "/both/mcp") => new Client(`http://127.0.0.1:${port}${path}`);
const toolsOf = ({ result }: Received) => (result!["tools"] as { name: string }[]).map(({ name }) => name);
const errorOf = ({ gateway }: Running) => gateway.services.find(({ name }) => name === "both")?.error;

const isChange = ({ method }: Received) => method === "notifications/tools/list_changed";

test("a member that does not answer is named by the status and the log, and its list comes when it does", async ({
  start,
}) => {
  const shared = { isolation: "shared" };
  const gateway = await start({ servers: { late: { ...late, ...shared }, good, both: { group: ["late", "good"] } } });
  const client = await at(gateway).open();
  const heard = await client.listen();
  expect(toolsOf(await client.request("tools/list"))).toEqual(["good_read"]);
  expect(errorOf(gateway)).toBe("without late (it has not answered tools/list within 10 s)");
  const health = await (await gateway.probe("/health")).text();
  expect(health).toContain("it has not answered tools/list");
  expect(gateway.log.some((line) => line.includes("a member does not answer"))).toBe(true);
  const asked = Number(await client.text("late_asked"));
  for (let times = 0; times < 3; times++) expect(toolsOf(await client.request("tools/list"))).toEqual(["good_read"]);
  expect(Number(await client.text("late_asked"))).toBe(asked); // nothing waits for it, and it is not asked again
  expect(heard.filter(isChange)).toEqual([]);
  await client.text("late_release");
  await until("the change is told", () => heard.some(isChange));
  expect(errorOf(gateway)).toBeUndefined();
  expect(toolsOf(await client.request("tools/list"))).toEqual(["late_release", "good_read"]);
  expect(Number(await client.text("late_asked"))).toBe(asked); // its answer was kept
  expect(toolsOf(await client.request("tools/list"))).toEqual(["late_release", "good_read"]);
  expect(heard.filter(isChange)).toHaveLength(1);
}, 60_000);

test("a client that leaves meanwhile leaves nothing behind", async ({ start }) => {
  const gateway = await start({ servers: { late, good, both: { group: ["late", "good"] } } });
  const client = await at(gateway).open();
  expect(toolsOf(await client.request("tools/list"))).toEqual(["good_read"]);
  await client.end();
  await until("no call is open", () => gateway.gateway.services.every(({ openCalls }) => openCalls === 0));
  await until("all is free again", () => gateway.gateway.memory.whole.bytes === 0);
}, 60_000);
