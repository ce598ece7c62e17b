#!/usr/bin/env node
/** `npm run lab -- clients`: real MCP clients with the configuration that `gangway clients --write` makes. See README.md. */
import { WrongUse } from "../../kit/arguments.ts";
import { print, printTables, tell } from "../../kit/print.ts";
import { verb } from "../../kit/verb.ts";
import { attempt, type Outcome } from "./attempt.ts";
import { programs } from "./programs.ts";
import { Project } from "./project.ts";
import { table } from "./report.ts";

await verb({
  name: "npm run lab -- clients",
  usage: `npm run lab -- clients [--client <list>] [--json]

Installs MCP clients at pinned versions, writes the configuration of each with \`gangway clients --write\`, lists, and calls a
tool: with the token's variable, and without it.

  --client <list>   only these: claude-code,codex
  --json            print an array: client, version, wrote, listed, called, unset, faults
  --help            print this

Clients: ${programs.map(({ name }) => name).join(", ")}

Exit code: 0 each one called the tool, 1 one did not, 2 for a mistake in the command line.`,
  flags: { client: "string", json: "boolean" },
  endsAtOnce: true,
  run: async ({ client, json = false }) => {
    const some = named(client);
    const project = await Project.start();
    const outcomes: Outcome[] = [];
    try {
      for (const program of some) {
        const outcome = await attempt(program, project);
        tell(`${outcome.client} ${outcome.version}: ${outcome.faults.join("; ") || "ok"}`);
        outcomes.push(outcome);
      }
    } finally {
      await project.stop();
    }
    if (json) print(JSON.stringify(outcomes, undefined, 2));
    else printTables(table(outcomes));
    return outcomes.every(({ faults }) => faults.length === 0) ? 0 : 1;
  },
});

/** @throws WrongUse */
function named(list: string | undefined) {
  if (list === undefined) return programs;
  return list.split(",").map((name) => {
    const found = programs.find((program) => program.name === name);
    if (found === undefined)
      throw new WrongUse(`no client "${name}", expected of: ${programs.map((one) => one.name).join(", ")}`);
    return found;
  });
}
