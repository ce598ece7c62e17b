/** `npx gangway secrets`: gives each secret of the catalog its line in every file that names them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCatalog } from "../stacks/catalog/read.ts";
import { project } from "../stacks/project.ts";
import { print, tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";
import { files, nameInCi, secretsOf } from "./kit/secret-lines.ts";

const usage = `npx gangway secrets [--check]

Adds a line for each secret that an entry of the catalog names, and that has none yet, to .env.example, to .env (if there is
one) and to .github/workflows/deploy.yml; then says where its value goes. It reads and writes no values.

  --check   change nothing, only say what is missing
  --help    print this

Exit code: 0 nothing is missing any more, 1 something is (--check), 2 for a mistake in the command line.`;

export const secrets = defineVerb({
  name: "gangway secrets",
  usage,
  flags: { check: "boolean" },
  run: async ({ check = false }) => {
    const secrets = secretsOf(Object.values(await readCatalog()));
    const missing = files.flatMap((named) => {
      const path = join(project, named.file);
      if (!existsSync(path)) return [];
      const text = readFileSync(path, "utf8");
      const without = secrets.filter(({ name }) => !named.has(text, name));
      return without.length === 0 ? [] : [{ ...named, path, text, without }];
    });
    if (missing.length === 0) return print("every secret of the catalog has its line in every file that names them");
    const changed = check
      ? []
      : missing.map(({ file, path, text, without, with: added }) => ({
          path,
          text: inFile(file, () => added(text, without)),
        }));
    for (const { path, text } of changed) writeFileSync(path, text);
    for (const { file, without } of missing)
      print(`${file} ${check ? "lacks" : "has now"} ${without.map(({ name }) => name).join(", ")}`);
    if (check) {
      tell("npx gangway secrets adds them");
      return 1;
    }
    const names = new Set(missing.flatMap(({ without }) => without.map(({ name }) => name)));
    print(["", "Set the values: here in .env, and for CI with", ...Array.from(names, inCi)].join("\n"));
  },
});

/** @throws Error with the name of the file in front */
function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

const inCi = (name: string) => `  gh secret set ${nameInCi(name)}`;
