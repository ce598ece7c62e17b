/** The example of gateways/INSTALL.md, run with the installed package. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { Installed } from "./installed.ts";
import { pack } from "./pack.ts";
import { packages } from "./packages.ts";

const SERVER = /command: "npx", args: \[[^\]]*\]/;

test("a program puts a server online, calls it and ends by itself", async () => {
  const [, example = ""] =
    /```js\n(.*?createGateway.*?)```/s.exec(readFileSync(shipped("gateways/INSTALL.md"), "utf8")) ?? [];
  expect(example).toMatch(SERVER);
  const folder = mkdtempSync(join(tmpdir(), "library-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { file } = await pack(
    packages.find(({ name }) => name === "gangway-mcp")!,
    folder,
  );
  const installed = await Installed.from(file);
  onTestFinished(() => installed.remove());
  writeFileSync(
    join(installed.folder, "example.mjs"),
    example.replace(SERVER, 'command: "node", args: ["servers/small.mjs"]'),
  );
  const { code, output } = await installed.runModule("example.mjs");
  expect(output).toMatch(/^filesystem is up at http:\/\/127\.0\.0\.1:\d+\/filesystem\/mcp$/m);
  expect(output).toMatch(/^it answers with HTTP 200$/m);
  expect(code).toBe(0);
});
