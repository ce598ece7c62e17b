/** What a person answers at a terminal. `script` of util-linux makes one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { onPath } from "./on-path.ts";

const script = process.platform === "linux" ? onPath("script") : undefined;
if (script === undefined) console.log("questions at a terminal are skipped: install util-linux on a Linux machine");

const ask = `import(${JSON.stringify(`${import.meta.dirname}/ask.ts`)}).then(async ({ agree }) =>
  console.log("agreed: " + await agree("go on?", { yes: false, not: "nothing is done" })))`;

/** Types an answer once the question is there. @returns what the terminal shows */
async function answered(keys: string): Promise<string> {
  const child = spawn(script!, ["-q", "-e", "-c", `'${process.execPath}' -e '${ask}'`, "/dev/null"]);
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const isFirst = !shown.includes("[y/N]");
    shown += chunk.toString();
    if (isFirst && shown.includes("[y/N]")) child.stdin.write(keys);
  });
  await once(child, "close");
  return shown;
}

test.skipIf(script === undefined).each(["y\r", "Y\r", "yes\r", " yes \r"])("%j agrees", async (keys) => {
  expect(await answered(keys)).toContain("agreed: true");
});

test.skipIf(script === undefined).each([
  ["n", "n\r"],
  ["nothing", "\r"],
  ["another word", "yesterday\r"],
  ["Ctrl-D", "\x04"],
  ["Ctrl-C", "\x03"],
])("%s declines, which is said", async (_, keys) => {
  const shown = await answered(keys);
  expect(shown).toContain("agreed: false");
  expect(shown).toContain("nothing is done");
});
