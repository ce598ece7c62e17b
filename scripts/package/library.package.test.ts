/** The package as a library: what is installed is imported, typed, and runs the example of gateways/INSTALL.md. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogIn, compile, mistakes, programWith, resolutions, SERVER } from "../../stacks/fixtures/typed-project.ts";
import { shipped } from "../../stacks/shipped.ts";
import { installFromNpm } from "./from-npm.ts";
import { Installed } from "./installed.ts";
import { pack } from "./pack.ts";
import { packages } from "./packages.ts";

const folder = mkdtempSync(join(tmpdir(), "library-"));
const hasOlder = await installFromNpm(join(folder, "typescript-5"), "typescript@5");
if (!hasOlder) console.log("types with TypeScript 5 skipped: npm does not have it, or is not reached");

let installed: Installed;
beforeAll(async () => {
  const { file } = await pack(
    packages.find(({ name }) => name === "gangway-mcp")!,
    folder,
  );
  installed = await Installed.from(file);
});
afterAll(() => {
  installed.remove();
  rmSync(folder, { recursive: true });
});

/** What it calls is on this machine. */
const OWN_CALL = `import { createGateway } from "gangway-mcp";
const gateway = createGateway({ port: 0 }).addServer("small", { command: "node", args: ["servers/small.mjs"] });
await gateway.start();
const post = async (body, more) => {
  const headers = { "content-type": "application/json", accept: "application/json", ...more };
  return fetch(gateway.urlOf("small"), { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...body }) });
};
const opened = await post({ method: "initialize", params: {} });
const session = { "mcp-session-id": opened.headers.get("mcp-session-id") };
const called = await (await post({ method: "tools/call", params: { name: "node", arguments: {} } }, session)).json();
console.log(called.result.content[0].text);
await gateway.close();
`;

test("a program puts a server online, calls its tool and ends by itself", async () => {
  const output = `${process.version}\n`;
  expect(await installed.runModule("own.mjs", OWN_CALL)).toEqual({ code: 0, output });
  const required = `const { createGateway } = require("gangway-mcp");\nconsole.log(typeof createGateway({}).start);\n`;
  expect(await installed.runModule("own.cjs", required)).toEqual({ code: 0, output: "function\n" });
});

test("importing it listens to nothing, opens nothing and reads no variable", async () => {
  const source = readFileSync(shipped("gateways/fixtures/import-effects.ts"), "utf8");
  const { output } = await installed.runModule("import-effects.mts", source, ["gangway-mcp"]);
  const { before, after, reads } = JSON.parse(output) as { before: object; after: object; reads: readonly string[] };
  expect(after).toEqual(before);
  expect(reads.filter((name) => !name.startsWith("NODE_"))).toEqual([]);
});

test("the example of gateways/INSTALL.md calls a real server with a real client", async ({ skip }) => {
  const document = readFileSync(shipped("gateways/INSTALL.md"), "utf8");
  const [, example = ""] = /```js\n(.*?createGateway.*?)```/s.exec(document) ?? [];
  const { devDependencies: versions } = JSON.parse(
    readFileSync(shipped("scripts/lab/interop/package.json"), "utf8"),
  ) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const names = ["@modelcontextprotocol/sdk", "@modelcontextprotocol/server-filesystem"];
  for (const name of names) expect(example).toContain(name);
  if (!(await installFromNpm(installed.folder, ...names.map((name) => `${name}@${versions[name]}`))))
    return skip("npm does not have its server and client, or is not reached");
  const { code, output } = await installed.runModule("example.mjs", example);
  expect(output).toMatch(/^\[DIR\] servers$/m);
  expect(output).toMatch(/^\[FILE\] package\.json$/m);
  expect(code).toBe(0);
});

const compilers = [
  ["ours", undefined, true],
  ["TypeScript 5", join(folder, "typescript-5/node_modules/typescript/bin/tsc"), hasOlder],
] as const;
for (const [name, tsc, isHere] of compilers)
  describe.skipIf(!isHere)(`its types, with ${name}`, () => {
    test.each(resolutions)("compile with moduleResolution %s", (resolution) => {
      const project = { folder: installed.folder, resolution, tsc };
      expect(compile(programWith(SERVER), project)).toBe("");
      expect(compile(catalogIn("templates/project/services.ts"), project)).toBe("");
    });

    test.each(mistakes)("refuse %s", (_, server, message) => {
      const project = { folder: installed.folder, resolution: "nodenext", tsc } as const;
      expect(compile(programWith(server), project)).toContain(message);
    });
  });
