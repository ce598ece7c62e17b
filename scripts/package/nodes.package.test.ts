/** The installed package on every Node that it is for. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Installed } from "./installed.ts";
import { majors, nodeOf } from "./nodes.ts";
import { pack } from "./pack.ts";
import { packages } from "./packages.ts";

const folder = mkdtempSync(join(tmpdir(), "package-"));
const found = await Promise.all(majors.map((major) => nodeOf(major, folder)));
const nodes = majors.map((major, index) => [major, found[index]] as const);
for (const [major] of nodes.filter(([, node]) => node === undefined))
  console.log(`package on Node ${major} skipped: npm has no Node ${major} for this machine, or is not reached`);

let installed: Installed;
beforeAll(async () => {
  const [gangway] = await Promise.all(
    packages.filter(({ name }) => name === "gangway-mcp").map((one) => pack(one, folder)),
  );
  installed = await Installed.from(gangway!.file);
});
afterAll(() => {
  installed.remove();
  rmSync(folder, { recursive: true });
});

for (const [major, node] of nodes)
  describe.skipIf(node === undefined)(`on Node ${major}`, () => {
    const version: unknown = expect.stringMatching(`^v${major}\\.`);

    test("gangway --version and --help answer", async () => {
      const output: unknown = expect.stringMatching(/^gangway \d+\.\d+\.\d+\n$/);
      expect(await installed.run(["--version"], node)).toEqual({ code: 0, output });
      expect(await installed.run(["--help"], node)).toMatchObject({ code: 0 });
    });

    test("gangway --stdio puts a server online", async () => {
      expect(await installed.callThroughStdio(node)).toEqual(version);
    });

    test("gangway connect connects a client of stdio to a URL", async () => {
      expect(await installed.callThroughConnect(node)).toEqual(version);
    });

    test("gangway start starts the services of a services.ts, or says which Node can", async () => {
      const said = await installed.callThroughStart(node).catch((error: Error) => error.message);
      const refusal: unknown = expect.stringMatching(
        `services.ts needs Node 22.18 or 24, or newer, .*; this is Node ${major}\\.`,
      );
      expect(said).toEqual(major >= 22 ? version : refusal);
    });
  });
