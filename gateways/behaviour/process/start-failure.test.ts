/** What a person is told whose server does not start. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const main = join(import.meta.dirname, "../../main.ts");

/** What the gateway tells people when its server is this program. */
function told(server: string, ...flags: string[]): string {
  const command = `'${process.execPath}' -e '${server}'`;
  const { stderr, status } = spawnSync(process.execPath, [main, "--port", "0", "--stdio", command, ...flags], {
    encoding: "utf8",
  });
  expect(status).toBe(1);
  return stderr.replaceAll(/^\{.*\n/gm, "");
}

test("the last lines of its stderr are shown, and nobody is sent to the log for them", () => {
  const text = told(`console.error("no luck"); process.exit(3)`);
  expect(text).toMatch(/exit code 3.*\nThe last lines of its stderr:\nno luck\n$/);
  expect(text).not.toContain("log");
});

test("of a server without a word it is said that it wrote nothing", () => {
  const text = told("setInterval(() => {}, 1_000)", "--start-timeout", "100ms");
  expect(text).toMatch(/no answer to initialize within \S+ \S+\. It wrote nothing to stderr\.\n$/);
});
