/** Servers that end in their own way, and what is told of those that fail. */
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { freePort } from "../../fixtures/free-port.ts";
import { test, until, type Running } from "../../fixtures/harness.ts";

/** The command line of a server whose program is given, and which answers initialize, tools/list and tools/call. */
function scripted(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), "scripted-"));
  const file = join(folder, "server.mjs");
  writeFileSync(
    file,
    `import { createInterface } from "node:readline";
import { closeSync } from "node:fs";
const send = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
const called = { run: (id) => send(id, { content: [] }) };
${program}
process.on("SIGTERM", () => process.exit(0));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") send(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } });
  else if (method === "tools/list") send(id, { tools: [] });
  else if (method === "tools/call") called.run(id);
}).on("close", () => process.exit(0));
`,
  );
  return `'${process.execPath}' '${file}'`;
}

async function refusal({ client }: Running): Promise<string> {
  const response = await client().initialize();
  expect(response.status).toBe(503);
  return ((await response.json()) as { error: { message: string } }).error.message;
}

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(
    `a server that closes its output and lives on is ended, and its calls fail long before the request timeout, isolation ${isolation}`,
    async ({ start }) => {
      const command = scripted("called.run = () => closeSync(1); setInterval(() => {}, 1_000);");
      const { open } = await start({ command, service: { isolation } });
      const client = await open();
      const { error } = await client.tool("close");
      expect(error?.message).toMatch(
        /ended \(it closed its standard output\) before it answered\. The call may have run/,
      );
    },
  );

  test.concurrent(
    `a server that closes its input and lives on is ended, and the next call finds a new one, isolation ${isolation}`,
    async ({ start }) => {
      const command = scripted(
        "called.run = (id) => (closeSync(0), send(id, { content: [] })); setInterval(() => {}, 1_000);",
      );
      const { open } = await start({ command, service: { isolation } });
      const client = await open();
      expect((await client.tool("close")).result).toEqual({ content: [] });
      expect((await client.tool("lost")).error?.message).toMatch(/ended \(it closed its standard input\)/);
      expect((await client.tool("close")).result).toEqual({ content: [] });
    },
  );

  test.concurrent(
    `a variable that the gateway has and the server lacks is named with its flag, isolation ${isolation}`,
    async ({ start }) => {
      process.env["REPORTS_API_KEY"] = "here";
      const command = scripted('console.error("REPORTS_API_KEY is required"); process.exit(1);');
      const text = await refusal(await start({ command, service: { isolation } }));
      expect(text).toMatch(/REPORTS_API_KEY is set here but not passed on to the server: add --env REPORTS_API_KEY\./);
    },
  );

  test.concurrent(
    `a banner on standard output is quoted when the start fails, isolation ${isolation}`,
    async ({ start }) => {
      const command = scripted(
        'console.log("Hello there"); await new Promise((later) => setTimeout(later, 200)); process.exit(1);',
      );
      const text = await refusal(await start({ command, service: { isolation } }));
      expect(text).toMatch(/stdout is not JSON-RPC: the first line was "Hello there"\. Log to stderr instead/);
    },
  );
}

test.concurrent("a server with a port of its own fails from the second session on with a hint", async ({ start }) => {
  const port = await freePort();
  const command = scripted(
    `import { createServer } from "node:http";
await new Promise((listening) => createServer().listen(${port}, "127.0.0.1", listening));`,
  );
  const { client } = await start({ command });
  // The first to have the port may be a session's process, or the one that was started to see whether the server can start.
  const isHinted = async () =>
    /opens port \d+ that is in use.*--isolation shared/.test(await (await client().initialize()).text());
  await until("a session is refused with a hint", isHinted);
});

test.concurrent("DELETE does not wait for a server that takes its time to end", async ({ start, roll }) => {
  const { open, service } = await start({ child: ["--stubborn", "--roll", roll.folder] });
  const client = await open();
  const before = service.children;
  expect((await client.end()).status).toBe(200);
  expect(service.children).toBe(before); // it is still ending
  await until("it has ended", () => service.children < before || roll.all.length > before + 1);
});

test.concurrent(
  "a package runner's first start may take longer than the start timeout, and the log says so",
  async ({ start }) => {
    const folder = mkdtempSync(join(tmpdir(), "runner-"));
    const npx = join(folder, "npx");
    writeFileSync(npx, `#!/bin/sh\nsleep 2\nexec ${scripted("")}\n`);
    chmodSync(npx, 0o755);
    const running = await start({ command: `${npx} -y server`, service: { startTimeout: 500 } });
    expect(running.service.state).toBe("up");
    expect(running.log.some((line) => /npx may be installing the server/.test(line))).toBe(true);
  },
);
