import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { shipped } from "../shipped.ts";
import { servicesIn, tooOld } from "./read.ts";

test.each([
  [undefined, "20.20.2"],
  [false, "22.17.1"],
] as const)("a Node that says %s of TypeScript is told which one runs the catalog", (typescript, version) => {
  expect(tooOld("services.ts", typescript, version)).toBe(
    "services.ts needs Node 22.18 or 24, or newer, which run TypeScript as it is; " +
      `this is Node ${version}. Get one at https://nodejs.org/en/download`,
  );
});

test.each(["strip", "transform"] as const)("a Node that %ss types runs it", (typescript) => {
  expect(tooOld("services.ts", typescript, "24.0.0")).toBeUndefined();
});

function catalog(text: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gangway-catalog-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "services.mjs");
  writeFileSync(file, text);
  return file;
}

const EXPECTED = "exports no services, expected: export const services = defineServices({ ... })";

test.each([
  ["", EXPECTED],
  ["export const services = null;", EXPECTED],
  ["export const services = [];", EXPECTED],
  ["export const services = {};", EXPECTED],
  ["export const services = 'memory';", EXPECTED],
  ["export const services = Promise.resolve({});", EXPECTED],
  ["throw new Error('boom');", "services.mjs: boom"],
  ["throw null;", "services.mjs: it threw null"],
  ["throw undefined;", "services.mjs: it threw undefined"],
  ["throw 'text';", "services.mjs: it threw text"],
  ["await new Promise(() => {});", "services.mjs: it was not loaded within 0.5 s"],
  ["import 'nope-nope';", "services.mjs: there is no package nope-nope here: npm install nope-nope"],
])("a catalog that says %j is told what is wrong with it", async (text, message) => {
  await expect(servicesIn(catalog(text), 500)).rejects.toThrow(message);
});

test("a catalog that is right is read", async () => {
  const define = pathToFileURL(shipped("stacks/catalog/define.ts")).href;
  const text = `import { defineServices } from "${define}";\nexport const services = defineServices({});`;
  expect(await servicesIn(catalog(text))).toEqual({});
});
