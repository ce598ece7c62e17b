/** When bubblewrap itself fails, the server that it was to run gets its messages from the next one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../../log.ts";
import { MemoryBudget } from "../../memory-budget.ts";
import { openChild } from "../child.ts";

const MESSAGE = '{"jsonrpc":"2.0","method":"ping"}';

/** Does as bubblewrap does while something is unmounted, so many times; then it runs the program. */
const failing = (count: string, times: number) => `#!/bin/sh
echo >> ${count}
if [ $(wc -l < ${count}) -le ${times} ]; then echo "bwrap: Can't bind mount /oldroot/: Invalid argument" >&2; exit 1; fi
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

/** What comes back of a message, or why nothing does. */
async function answerAfter(times: number): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), "failing-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const program = join(place, "bwrap");
  writeFileSync(program, failing(join(place, "count"), times), { mode: 0o755 });
  const memory = new MemoryBudget(1024 ** 2, 16).ofServer("memory");
  const command = { service: "memory", command: "cat", args: [], env: {}, cwd: "/", inFile: false, maxLine: 1024 };
  const sandbox = { bubblewrap: { program }, hidden: [], hasNetwork: true };
  return new Promise((resolve) => {
    const link = openChild(
      { ...command, memory, sandbox },
      createLog("error", () => {}),
      {
        message: (text) => void link.close().then(() => resolve(text)),
        failed: () => {},
        closed: ({ reason }) => resolve(reason),
      },
    );
    link.send(MESSAGE);
  });
}

test("it is tried again", async () => {
  expect(await answerAfter(3)).toBe(MESSAGE);
});

test("it is told, in its words, when it goes on", async () => {
  expect(await answerAfter(100)).toBe(
    "its sandbox could not be made in 7 tries (Can't bind mount /oldroot/: Invalid argument)",
  );
});
