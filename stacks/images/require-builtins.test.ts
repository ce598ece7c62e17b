import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { requireBuiltins } from "./require-builtins.ts";

/** The bundle of a program. */
async function bundled(source: string) {
  const program = { name: "program", resolveId: (id: string) => (id === "program" ? id : null), load: () => source };
  const build = await rolldown({ input: "program", platform: "node", plugins: [program, requireBuiltins] });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output[0].code;
}

test.each([
  [
    `import { join as at } from "node:path"; console.log("…", at("a"));`,
    /const \{ join(: at)? \} = .+\("node:path"\);/,
  ],
  [`import { sep } from "node:path"; console.log(sep);`, /const \{ sep(: sep)? \} = .+\("node:path"\);/],
  [`import * as path from "node:path"; console.log(path);`, /const path = .+\("node:path"\);/],
  [`import path from "node:path"; console.log("…", path);`, /const path = .+\("node:path"\);/],
])("%s requires the module", async (source, expected) => {
  const code = await bundled(source);
  expect(code).toMatch(expected);
  expect(code.match(/from "node:(?!module")/g)).toBeNull();
});

test("what is not used is not required", async () => {
  expect(await bundled(`import { join } from "node:path"; console.log(1);`)).not.toContain("join");
});
