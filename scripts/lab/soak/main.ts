#!/usr/bin/env node
/** `npm run soak`: mixed traffic on real gateways for minutes, then a look at what they hold on to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { help, type Options, readOptions } from "./options.ts";
import { document, isFlat, report } from "./report.ts";
import { run } from "./run.ts";

const exit = { flat: 0, grew: 1, wrongUse: 2 } as const;

async function soak(options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "soak-"));
  // Leaving also ends the gateways (gateway-process.ts).
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const results = await run(options, folder);
  console.log(options.json ? JSON.stringify(document(options, results)) : report(options, results).join("\n"));
  return isFlat(results) ? exit.flat : exit.grew;
}

function optionsOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== "help") return options;
    console.log(help);
    process.exit(exit.flat);
  } catch (error) {
    console.error(`soak: ${(error as Error).message} (--help shows all)`);
    process.exit(exit.wrongUse);
  }
}

process.exitCode = await soak(optionsOrExit()).catch((error: Error) => {
  console.error(`soak: ${error.message}`);
  process.exit(exit.grew); // gateways that still run would keep us
});
