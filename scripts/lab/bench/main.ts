#!/usr/bin/env node
/** npm run bench: measures Gangway beside two other gateways and beside gateways that check nothing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { verb } from "../../kit/verb.ts";
import { flags, optionsOf, usage } from "./options.ts";
import { ensurePeers } from "./peers.ts";
import { report } from "./report.ts";
import { resultsOf, writeResults } from "./results.ts";
import { run } from "./run.ts";
import { save } from "./save.ts";
import { summarize } from "./summary.ts";
import { benchFolder, echoServer } from "./targets.ts";
import { printTables, tell } from "../../kit/print.ts";

const say = (line: string) => tell(line);

// Real servers are JavaScript: stripping the types at each start would triple the time that a child needs.
function prepareChild(): void {
  const folder = dirname(echoServer);
  rmSync(folder, { recursive: true, force: true }); // the logs of the last run
  mkdirSync(folder, { recursive: true });
  writeFileSync(echoServer, stripTypeScriptTypes(readFileSync(join(benchFolder, "echo-server.ts"), "utf8")));
}

await verb({
  name: "npm run bench",
  usage,
  flags,
  endsAtOnce: true,
  run: async (values) => {
    const options = optionsOf(values);
    prepareChild();
    if (options.targets.some(({ kind }) => kind === "peer")) ensurePeers(say);
    const outcome = await run(options, say);
    const tables = summarize(outcome, options.measures, options.targets);
    const results = resultsOf(options, tables, outcome.results);
    printTables(`\n${report(results)}`);
    writeResults(options.json, results);
    say(`results: ${options.json}`);
    const isWrong = outcome.notStarted.size > 0 || outcome.results.some(({ errors }) => errors > 0);
    if (options.save && isWrong) say("not saved: there were errors");
    else if (options.save) save(results).forEach((file) => say(`saved: ${file}`));
    return isWrong ? 1 : 0;
  },
});
