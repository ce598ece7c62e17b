/** `npx gangway secrets`: gives each secret of the catalog its line in every file that names them. */
import { join } from "node:path";
import { readCatalog } from "../stacks/catalog/read.ts";
import { project } from "../stacks/project.ts";
import { addSecretLines } from "./add/changes.ts";
import { textOf } from "./kit/change.ts";
import { print, tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";
import { lackingSecrets, nameInCi, type Secret, secretsOf } from "./kit/secret-lines.ts";
import { writeFiles } from "./kit/write-files.ts";

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
    const services = Object.values(await readCatalog());
    const lacking = lackingSecrets(services, (file) => textOf(join(project, file)));
    if (lacking.length === 0) return print("every secret of the catalog has its line in every file that names them");
    if (!check) addLines(secretsOf(services));
    for (const { file, names } of lacking) print(`${file} ${check ? "lacks" : "has now"} ${names.join(", ")}`);
    if (check) {
      tell("npx gangway secrets adds them");
      return 1;
    }
    const names = new Set(lacking.flatMap((one) => one.names));
    print(["", "Set the values: here in .env, and for CI with", ...Array.from(names, inCi)].join("\n"));
  },
});

/** @throws Error with the files that have no place for them; then none is changed */
function addLines(secrets: readonly Secret[]): void {
  const { changes, notes } = addSecretLines(secrets);
  if (notes.length > 0) throw new Error(notes.join("\n"));
  writeFiles(changes);
}

const inCi = (name: string) => `  gh secret set ${nameInCi(name)}`;
