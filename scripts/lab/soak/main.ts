#!/usr/bin/env node
/** `npm run soak`: minutes of mixed traffic on real gateways, then a look at what they hold on to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verb } from "../../kit/verb.ts";
import { flags, optionsOf, usage } from "./options.ts";
import { document, isFlat, report } from "./report.ts";
import { run } from "./run.ts";

const exit = { flat: 0, grew: 1, wrongUse: 2 } as const;

await verb({
  name: "npm run soak",
  usage,
  flags,
  failed: exit.grew,
  wrongUse: exit.wrongUse,
  endsAtOnce: true, // gateways that still run would keep us
  run: async (values) => {
    const options = optionsOf(values);
    const folder = mkdtempSync(join(tmpdir(), "soak-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const results = await run(options, folder);
    console.log(options.json ? JSON.stringify(document(options, results)) : report(options, results).join("\n"));
    return isFlat(results) ? exit.flat : exit.grew;
  },
});
