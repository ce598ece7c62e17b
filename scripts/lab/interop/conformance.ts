/** `npm run conformance`: the result of the official conformance suite, in one small table. */
import { npmCi } from "../../kit/npm-ci.ts";
import { verb } from "../../kit/verb.ts";
import { installed } from "./gateway.ts";
import { requirements, settings, type Setting } from "./scenarios.ts";
import { isPassed, runSetting } from "./suite.ts";
import { print, tell } from "../../kit/print.ts";

const usage = `npm run conformance

Runs the scored server scenarios of the official suite (@modelcontextprotocol/conformance) against the gateway, in front
of a stdio server of each era and through gangway connect, and prints how many pass. A scenario with a warning has not passed.

  --help   print this

Exit code: 0 when all pass in front of a server of both eras, 1 otherwise.`;

await verb({
  name: "npm run conformance",
  usage,
  run: async () => {
    if (!installed) {
      tell("installing the suite into scripts/lab/interop (npm ci)");
      if (!npmCi(import.meta.dirname)) throw new Error("the suite could not be installed: npm ci failed");
    }
    let isWell = true;
    printRow("requirements", "server", "passed", ["not passed"]);
    for (const setting of settings) {
      const missed = await misses(setting);
      const { length } = requirements[setting.revision].scored;
      printRow(
        setting.revision,
        setting.connects ? "connect" : setting.child,
        `${length - missed.length}/${length}`,
        missed,
      );
      isWell &&= setting.child !== "dual" || missed.length === 0;
    }
    return isWell ? 0 : 1;
  },
});

/** The scored scenarios that do not pass. */
async function misses(setting: Setting): Promise<string[]> {
  const { scenarios } = await runSetting(setting);
  return requirements[setting.revision].scored.filter((scenario) => !isPassed(scenarios.get(scenario)));
}

/** One row; its names stand below each other. */
function printRow(revision: string, server: string, passed: string, names: readonly string[]): void {
  const [first = "-", ...more] = names;
  print(`${revision.padEnd(14)}${server.padEnd(8)}${passed.padStart(6)}  ${first}`);
  for (const name of more) print(`${" ".repeat(30)}${name}`);
}
