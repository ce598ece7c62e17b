import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import { bundleGateway } from "./bundle.ts";

const here = process.cwd();

afterEach(() => process.chdir(here));

test("the gateway is the same text from wherever it is bundled, and names no folder of this machine", async () => {
  const text = await bundleGateway();
  process.chdir(tmpdir());
  expect(await bundleGateway()).toBe(text);
  expect(text).not.toContain("node_modules/");
  expect(text).not.toContain(new URL("../..", import.meta.url).pathname);
});
