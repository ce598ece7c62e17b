/** What the library does to the process that it is in. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { lives } from "./fixtures/harness.ts";

test("importing it listens to nothing, opens nothing and reads no variable", () => {
  const words = [join(import.meta.dirname, "fixtures/import-effects.ts"), join(import.meta.dirname, "library.ts")];
  const { before, after, reads } = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as {
    readonly before: object;
    readonly after: object;
    readonly reads: readonly string[];
  };
  expect(after).toEqual(before);
  // Some dependencies look at Node's own.
  expect(reads.filter((name) => !name.startsWith("NODE_"))).toEqual([]);
});

/** Runs a program with the library in it. @returns what it printed, when it has ended by itself with code 0 */
function run(program: string): string {
  const library = pathToFileURL(join(import.meta.dirname, "library.ts")).href;
  const own = JSON.stringify({
    command: process.execPath,
    args: [join(import.meta.dirname, "fixtures/child.ts")],
  });
  const source = `import { createGateway } from "${library}";\nconst server = ${own};\n${program}`;
  const words = ["--input-type=module", "--eval", source];
  return execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** What a program prints at its end if it is as it was before. */
const AS_BEFORE = "exit listeners: 0, as before: true\n";

const reporting = (program: string) => `
const counts = () => process.eventNames().map((name) => [name, process.listenerCount(name)]).join();
const before = counts();
${program}
process.stdout.write("exit listeners: " + process.listenerCount("exit") + ", as before: " + (counts() === before) + "\\n");
`;

describe("a program ends by itself, with its process as it was,", () => {
  const programs: Readonly<Record<string, string>> = {
    "after close()": `
const gateway = createGateway({ port: 0 }).addServer("it", server);
await gateway.start();
if (process.listenerCount("exit") !== 1) throw new Error("nothing would end the servers with this process");
await gateway.close();`,
    "after close() with a session, a stream and an upstream": `
const upstream = createGateway({ port: 0 }).addServer("it", server);
await upstream.start();
const gateway = createGateway({ port: 0 }).addServer("that", { url: upstream.urlOf("it") });
await gateway.start();
const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
const opened = await fetch(gateway.urlOf("that"), { method: "POST", headers, body });
await opened.text();
const session = { "mcp-session-id": opened.headers.get("mcp-session-id"), accept: "text/event-stream" };
const stream = (await fetch(gateway.urlOf("that"), { headers: session })).text();
await gateway.close();
await stream;
await upstream.close();`,
    "after close() during start()": `
const gateway = createGateway({ port: 0 }).addServer("it", { ...server, args: [...server.args, "--silent", "initialize"] });
const started = gateway.start().catch(() => {});
await new Promise((resolve) => gateway.once("service", resolve));
await gateway.close();
await started;`,
    "after a server that cannot start": `
const gateway = createGateway({ port: 0 }).addServer("it", { command: "no-such-command" });
await gateway.start();
await gateway.close();`,
    "after a taken port": `
const first = createGateway({ port: 0 }).addServer("it", server);
await first.start();
const other = createGateway({ port: new URL(first.url).port }).addServer("it", server);
await other.start().then(() => { throw new Error("it started"); }, () => {});
await first.close();`,
    "without start()": `createGateway({ port: 0 }).addServer("it", server);`,
  };
  test.each(Object.entries(programs))("%s", (_, program) => {
    expect(run(reporting(program))).toBe(AS_BEFORE);
  });
});

test("a program that ends without close() leaves no server behind", () => {
  const pid = Number(
    run(`
const gateway = createGateway({ port: 0 }).addServer("it", { ...server, isolation: "shared", sandbox: false });
await gateway.start();
const headers = { "content-type": "application/json", accept: "application/json" };
const post = (body, more) => fetch(gateway.urlOf("it"), { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...body }) });
const session = { "mcp-session-id": (await post({ method: "initialize", params: {} })).headers.get("mcp-session-id") };
const { result } = await (await post({ method: "tools/call", params: { name: "pid", arguments: {} } }, session)).json();
process.stdout.write(result.content[0].text, () => process.exit(0));`),
  );
  expect(pid).toBeGreaterThan(0);
  expect(lives(pid)).toBe(false);
});
