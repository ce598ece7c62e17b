#!/usr/bin/env node
/** `npm run lab -- <suite>`: suites that need a network or much time, and so run at night. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { WrongUse } from "../kit/arguments.ts";
import { runVerb } from "../kit/verb.ts";

const suites: Readonly<Record<string, string>> = {
  popular: "the servers that people use most, each started, listed and called through the gateway",
  keycloak: "an issuer of one's own: a gateway that takes the tokens of a real Keycloak",
  clients: "MCP clients that people use, each with the configuration that `gangway clients --write` makes",
};

const usage = `npm run lab -- <suite> [names and flags of the suite]

${Object.entries(suites)
  .map(([name, what]) => `  ${name}   ${what}`)
  .join("\n")}`;

// What follows belongs to the suite, `--help` too.
const [suite = "", ...rest] = process.argv.slice(2);

await runVerb(
  {
    name: "npm run lab",
    usage,
    takesNames: true,
    run: async () => {
      if (!Object.hasOwn(suites, suite)) throw new WrongUse(`no suite "${suite}"\n${usage}`);
      const script = join(import.meta.dirname, suite, "main.ts");
      const child = spawn(process.execPath, [script, ...rest], { stdio: "inherit" });
      const [code] = (await once(child, "exit")) as [number | null];
      return code ?? 1;
    },
  },
  suite === "" ? [] : [suite],
);
