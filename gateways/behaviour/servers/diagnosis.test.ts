/** What is wrong with a server that does not start is told in a sentence: to its callers, in the log, on /ready and by the hub. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { test, type Running } from "../../fixtures/harness.ts";

async function refusal({ client }: Running): Promise<string> {
  const response = await client().initialize();
  return ((await response.json()) as { error: { message: string } }).error.message;
}

const timely = { startTimeout: 5_000 }; // it has to come up and write its words meanwhile

const faults: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["a banner", ["--deaf", "--say", "hello banner\nand more\n"], /the first line was "hello banner"\. Log to stderr/],
  ["a banner that does not end", ["--deaf", "--say", "hello banner"], /the first line was "hello banner"\./],
  ["a log in JSON", ["--deaf", "--say", '{"level":30,"msg":"up"}\n'], /the first line was "\{'level':30,'msg':'up'\}"/],
  ["the framing of LSP", ["--deaf", "--say", "Content-Length: 2\r\n\r\n{}"], /"Content-Length", as language servers/],
  [
    "a question",
    ["--deaf", "--say", "Enter your API key: "],
    /^.*It asks "Enter your API key:", and nobody can answer/,
  ],
  ["HTTP", ["--deaf", "--say", "Server listening on port 3000\n"], /seems to serve HTTP itself.*--url/],
  ["usage", ["--exit", "Usage: server <folder>"], /wants other arguments: "Usage: server <folder>"/],
  [
    "a missing variable",
    ["--exit", "XY_API_KEY is required"],
    /It needs XY_API_KEY, which is not set here: set it, and/,
  ],
];

for (const [what, child, told] of faults)
  test.concurrent(`${what} is told everywhere where a server that does not start is`, async ({ start }) => {
    const running = await start({ child, service: timely });
    expect(await refusal(running)).toMatch(told);
    expect(running.service.error).toMatch(told);
    const ready = await running.probe("/ready");
    expect(ready.status).toBe(503);
    expect(((await ready.json()) as { error: string }).error).toMatch(told);
    const hints = running.log.flatMap((line) => (JSON.parse(line) as { hint?: string }).hint ?? []);
    expect(hints.join("\n")).toMatch(new RegExp(told.source.replace("^.*", "")));
  });

test("while the next start is delayed, callers are told what was wrong with the last one", async ({ start }) => {
  const running = await start({ child: ["--exit", "Usage: server <folder>"] });
  for (let calls = 0; calls < 4; calls++) expect(await refusal(running)).toMatch(/wants other arguments/);
});

for (const isolation of ["shared", "session"] as const)
  test(`a server that answers although its stdout is not clean is told so once, isolation ${isolation}`, async ({
    start,
  }) => {
    const { open, log } = await start({ child: ["--say", "hello banner\nagain\n"], service: { isolation } });
    for (let sessions = 0; sessions < 3; sessions++) expect(await (await open()).text("count")).toBeTruthy();
    const warnings = log.filter((line) => line.includes("hello banner") && line.includes('"warn"'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /fixture: Its stdout is not JSON-RPC: the first line was \\"hello banner\\"\. Log to stderr/,
    );
  });

const stdio = { kind: "stdio", args: [], env: {}, cwd: undefined } as const;

test.concurrent("commands that cannot be started say why, and what to do", async ({ start, onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "commands-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string, mode = 0o755) => {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  const commands = [
    ["uvx", /command not found: uvx\. It comes with uv: https:\/\/docs\.astral\.sh/],
    ["nodr", /command not found: nodr\. Did you mean node\?/],
    ["no-such-command-anywhere", /command not found: no-such-command-anywhere\. Install it, or write its whole path\./],
    ["./no/such/file", /There is no such file in this folder: check the path\./],
    [folder, /is a folder\. Name the program in it\./],
    [
      file("plain.py", "print()", 0o644),
      /may not be executed \(EACCES\)\. Allow it: chmod \+x .*, or run it as python3 /,
    ],
    [
      file("shebang", "#!/no/such/interpreter\n"),
      /It names \/no\/such\/interpreter as its interpreter, which is not here\./,
    ],
    [file("windows", "#!/bin/sh\r\necho"), /lines end as on Windows \(CRLF\)/],
    ["node server.js --x", /Its arguments belong in "args": "command": "node", "args": \["server\.js", "--x"\]\./],
  ] as const;
  const path = [folder, join(process.execPath, "..")].join(":");
  for (const [command, told] of commands) {
    const server = { ...stdio, command, env: { PATH: path } };
    expect(await refusal(await start({ service: { server } }))).toMatch(told);
  }
});
