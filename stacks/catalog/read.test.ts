import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { shipped } from "../shipped.ts";
import { servicesIn } from "./read.ts";

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
