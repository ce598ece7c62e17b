/** Runs the official conformance suite as a process, and reads the results that it wrote. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "../../kit/folder.ts";
import { installedFile, onNode, startGateway } from "./gateway.ts";
import type { Setting } from "./scenarios.ts";

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

/** Whether a scenario ran without objections. The suite reports a violated SHOULD as a warning, which does not pass here. */
export function isPassed(checks: readonly Check[] = []): boolean {
  const found = (wanted: Check["status"]) => checks.some(({ status }) => status === wanted);
  return found("SUCCESS") && !found("FAILURE") && !found("WARNING");
}

/** Runs the suite against a gateway with the child of a setting. */
export async function runSetting({ revision, child, connects = false }: Setting): Promise<SuiteRun> {
  const gateway = await startGateway(onNode("gateways/fixtures/conformance-server.ts", "--era", child));
  try {
    return connects ? await runThroughConnect(gateway.url, revision) : await runSuite(gateway.url, revision);
  } finally {
    await gateway.stop();
  }
}

/** The suite speaks HTTP alone: a second gateway starts `gangway connect` as its server. */
async function runThroughConnect(url: string, revision: string): Promise<SuiteRun> {
  const front = await startGateway(onNode("scripts/gangway.ts", "connect", url));
  try {
    return await runSuite(front.url, revision);
  } finally {
    await front.stop();
  }
}

/** Runs the scenarios that a revision requires against a server's `/mcp`, which must be on loopback. */
export async function runSuite(url: string, revision: string): Promise<SuiteRun> {
  const results = scratchFolder("interop");
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

/** A client that the suite logs in as. */
export interface SuiteClient {
  readonly issuer: string;
  readonly clientId: string;
  /** The port of its redirect `http://127.0.0.1:<port>/callback`. */
  readonly port: number;
  readonly resource: string | undefined;
}

/** Runs the scenarios for authorization servers. @param logIn is told the URL that a person would open in a browser */
export async function runAuthorization(
  { issuer, clientId, port, resource }: SuiteClient,
  logIn: (url: string) => Promise<void>,
): Promise<SuiteRun> {
  const results = scratchFolder("interop");
  const cli = installedFile("conformance", "dist/index.js");
  const named = resource === undefined ? [] : ["--resource", resource];
  const client = ["--client-id", clientId, "--port", String(port), ...named];
  try {
    const args = [cli, "authorization", "--url", issuer, ...client, "--output-dir", results.path];
    const { exitCode } = await run(args, (output) => {
      const [url] = /^http\S+[?&]response_type=code\S*(?=\n)/m.exec(output) ?? [];
      if (url !== undefined) void logIn(url);
      return url !== undefined;
    });
    return { exitCode, scenarios: readScenarios(results.path) };
  } finally {
    results.remove();
  }
}

/** Runs what a revision requires of clients with the SDK's own one, as `conformance-client.ts` uses it. */
export async function runClient(generation: string, revision: string): Promise<SuiteRun> {
  const results = scratchFolder("interop");
  const cli = installedFile("conformance", "dist/index.js");
  const command = onNode("scripts/lab/interop/conformance-client.ts", generation).join(" ");
  try {
    const args = [cli, "client", "--command", command, "--requirements", revision, "--output-dir", results.path];
    const { exitCode } = await run(args);
    return { exitCode, scenarios: readScenarios(results.path) };
  } finally {
    results.remove();
  }
}

/** @param onOutput is told all that was said so far, until it returns true */
function run(args: string[], onOutput?: (output: string) => boolean): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
    let said = "";
    let isWaiting = onOutput !== undefined;
    child.stdout?.on("data", (chunk: string) => {
      said += chunk;
      if (isWaiting && onOutput?.(said)) isWaiting = false;
    });
  });
}

/** A scenario leaves a folder `<kind>-<scenario>-<time>` with its checks; one that crashed leaves it empty. */
function readScenarios(folder: string): Map<string, Check[]> {
  const scenarios = new Map<string, Check[]>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const scenario = /^(?:(?:authorization-)?server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
    if (scenario === undefined) continue;
    const checks = join(folder, name, "checks.json");
    scenarios.set(scenario, existsSync(checks) ? (JSON.parse(readFileSync(checks, "utf8")) as Check[]) : []);
  }
  return scenarios;
}
