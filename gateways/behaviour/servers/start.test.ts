/** A server that does not start is reported within the start timeout, and nobody hangs. */
import { expect } from "vitest";
import { test, type Running } from "../../fixtures/harness.ts";

async function refused({ client }: Running): Promise<string> {
  const response = await client().initialize();
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  const { id, error } = (await response.json()) as { id: unknown; error: { message: string } };
  expect(id).toBe("init-1");
  return error.message;
}

for (const isolation of ["shared", "session"] as const) {
  test.concurrent(
    `a server that exits before it answers initialize is reported as such, isolation ${isolation}`,
    async ({ start }) => {
      const running = await start({ child: ["--exit", "KEY is not set"], service: { isolation } });
      expect(await refused(running)).toMatch(/did not start: it ended \(exit code 1\) before it answered/);
      expect(running.log.some((line) => line.includes("KEY is not set") && !line.includes('"debug"'))).toBe(true);
      expect((await running.probe("/ready")).status).toBe(503);
      expect((await running.probe("/health")).status).toBe(200);
    },
  );

  test.concurrent(
    `a server that never answers initialize is given up after the start timeout, isolation ${isolation}`,
    async ({ start }) => {
      const service = { isolation, startTimeout: 5_000 }; // it has to come up and say its words meanwhile
      const running = await start({ child: ["--mute", "waiting for a database"], service });
      expect(await refused(running)).toMatch(/did not start: no answer to initialize within 5 s/);
      const lines = running.log.filter((line) => line.includes("waiting for a database") && !line.includes('"debug"'));
      expect(lines).not.toEqual([]);
    },
  );

  test.concurrent(`a command that does not exist is named in the error, isolation ${isolation}`, async ({ start }) => {
    const running = await start({ command: "no-such-command-anywhere", service: { isolation } });
    expect(await refused(running)).toMatch(/command not found: no-such-command-anywhere/);
  });

  const misnamed = [
    ["a folder that does not exist", { cwd: "/no/such/folder" }, /there is no folder \/no\/such\/folder/],
    ["a folder that is a file", { cwd: import.meta.filename }, /there is no folder .*start\.test\.ts/],
    ["a NUL in an argument", { args: ["secret\0"] }, /there is a NUL in its command, arguments or variables\)/],
    ["more arguments than the system takes", { args: ["x".repeat(4_000_000)] }, /cannot be started \(E2BIG\)/],
    [
      "a command with its arguments in it",
      { command: "node server.js" },
      /command not found: node server\.js\. Its arguments belong in "args": "command": "node", "args": \["server\.js"\]/,
    ],
  ] as const;
  for (const [what, own, message] of misnamed) {
    test.concurrent(`${what} is named in the error, isolation ${isolation}`, async ({ start }) => {
      const server = { kind: "stdio", command: process.execPath, args: [], env: {}, cwd: undefined, ...own } as const;
      expect(await refused(await start({ service: { isolation, server } }))).toMatch(message);
    });
  }
}
