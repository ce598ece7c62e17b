// Runs the official conformance suite as the process that it is, and reads what it wrote down.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installedFile } from "./gateway.ts";
import { scratchFolder } from "./servers.ts";

export interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

export interface SuiteRun {
  readonly exitCode: number;
  /** The checks of every scenario that ran, by its name. */
  readonly scenarios: ReadonlyMap<string, Check[]>;
}

/** Runs the scenarios that a revision requires against a server's `/mcp`, which must be on loopback. */
export async function runSuite(url: string, revision: string): Promise<SuiteRun> {
  const results = scratchFolder();
  const cli = installedFile("conformance", "dist/index.js");
  try {
    const args = [cli, "server", "--url", url, "--requirements", revision, "--output-dir", results.path];
    const { exitCode, output } = await run(args);
    const scenarios = readScenarios(results.path);
    if (scenarios.size === 0) throw new Error(`the suite ran nothing and ended with ${exitCode}:\n${output}`);
    return { exitCode, scenarios };
  } finally {
    results.remove();
  }
}

function run(args: string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

/** A scenario leaves a folder `server-<scenario>-<time>` with its checks. */
function readScenarios(folder: string): Map<string, Check[]> {
  const scenarios = new Map<string, Check[]>();
  for (const name of readdirSync(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    if (scenario === undefined) continue;
    scenarios.set(scenario, JSON.parse(readFileSync(join(folder, name, "checks.json"), "utf8")) as Check[]);
  }
  return scenarios;
}
