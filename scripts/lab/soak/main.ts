#!/usr/bin/env node
/** `npm run soak`: minutes of mixed traffic on real gateways, then a look at what they hold on to. */
import { scratchFolder } from "../../kit/folder.ts";
import { verb } from "../../kit/verb.ts";
import { reportHostile, runHostile } from "./hostile/run.ts";
import { flags, optionsOf, usage } from "./options.ts";
import { document, isFlat, report } from "./report.ts";
import { run } from "./run.ts";
import { printTables } from "../../kit/print.ts";

const exit = { flat: 0, grew: 1 } as const;

await verb({
  name: "npm run soak",
  usage,
  flags,
  failed: exit.grew,
  endsAtOnce: true, // gateways that still run would keep us
  run: async (values) => {
    const options = optionsOf(values);
    const folder = scratchFolder("soak");
    process.once("exit", folder.remove);
    if (options.hostile) {
      const result = await runHostile(options.minutes, folder.path);
      printTables(options.json ? JSON.stringify(result) : reportHostile(result).join("\n"));
      return result.findings.length === 0 ? exit.flat : exit.grew;
    }
    const results = await run(options, folder.path);
    printTables(options.json ? JSON.stringify(document(options, results)) : report(options, results).join("\n"));
    return isFlat(results) ? exit.flat : exit.grew;
  },
});
