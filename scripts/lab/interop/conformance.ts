/** `npm run conformance`: what the official conformance suite says of the gateway, in one small table. */
import { execFileSync } from "node:child_process";
import { installed } from "./gateway.ts";
import { requirements, settings, type Setting } from "./scenarios.ts";
import { isPassed, runSetting } from "./suite.ts";

const usage = `npm run conformance

Runs the scored server scenarios of the official suite (@modelcontextprotocol/conformance) against the gateway, in front
of a stdio server of each era, and prints how many pass. A scenario with a warning has not passed.

Exit code: 0 when all pass in front of a server of both eras, 1 otherwise.`;

async function conformance(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    console.log(usage);
    return argv.includes("--help") ? 0 : 1;
  }
  install();
  let isWell = true;
  print("requirements", "server", "passed", ["not passed"]);
  for (const setting of settings) {
    const missed = await misses(setting);
    const { length } = requirements[setting.revision].scored;
    print(setting.revision, setting.child, `${length - missed.length}/${length}`, missed);
    isWell &&= setting.child !== "dual" || missed.length === 0;
  }
  return isWell ? 0 : 1;
}

/** The suite is no dependency of the project: it is fetched by whoever wants to run it. */
function install(): void {
  if (installed) return;
  const command = [
    "npm",
    "ci",
    "--ignore-scripts",
    "--no-fund",
    "--no-audit",
    "--prefix",
    import.meta.dirname,
  ] as const;
  console.error(`the suite is not installed yet: ${command.join(" ")}`);
  const [npm, ...words] = command;
  execFileSync(npm, words, { stdio: ["ignore", "ignore", "inherit"] });
}

/** The scored scenarios that do not pass. */
async function misses(setting: Setting): Promise<string[]> {
  const { scenarios } = await runSetting(setting);
  return requirements[setting.revision].scored.filter((scenario) => !isPassed(scenarios.get(scenario)));
}

/** One row; the names stand below each other. */
function print(revision: string, server: string, passed: string, names: readonly string[]): void {
  const [first = "-", ...more] = names;
  console.log(`${revision.padEnd(14)}${server.padEnd(8)}${passed.padStart(6)}  ${first}`);
  for (const name of more) console.log(`${" ".repeat(30)}${name}`);
}

process.exitCode = await conformance(process.argv.slice(2));
