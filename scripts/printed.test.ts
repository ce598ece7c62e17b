/** Everything that is printed goes one way, on which what others say is made printable. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NASTY, UNPRINTABLE } from "../gateways/fixtures/nasty.ts";
import { stepOf } from "./deploy/steps.ts";
import { report as verified } from "./verify/report.ts";
import { settledLines, summary } from "./start/report.ts";
import { readable } from "./start/gateway.ts";
import { print, tell } from "./kit/print.ts";
import { renderTable, wrap } from "./kit/table.ts";

const root = join(import.meta.dirname, "..");

/** Who writes to a stream itself, and why what is written is nobody else's words. */
const MAY_WRITE: Readonly<Record<string, string>> = {
  "gateways/lost-output.ts": "our own words, when nothing else can be written",
  "gateways/tell.ts": "through `told`",
  "scripts/kit/print.ts": "the one way",
  "scripts/lab/bench/echo-server.ts": "a server's answers",
  "scripts/lab/bench/picture.ts": "a picture of our own figures",
  "scripts/lab/clients/server.ts": "a server's answers",
  "scripts/lab/soak/progress.ts": "our own counts, over and over on one line",
  "scripts/lab/terminal/main.ts": "a picture of our own commands",
  "stacks/current-folder.ts": "one sentence of ours, before anything is loaded",
  "templates/clients/typescript.ts": "a program that we print",
};

/** Programs that Terraform runs or we do: their output is printed by `deploy`, through print.ts. */
const PRINTED_BY_US =
  /^stacks\/(main|catalog\/reference|provision\/(secrets|gate|limit|wait-for-host|prepare-machine))\.ts$/;

/** Whether a source writes to a stream itself. */
const writes = (file: string) =>
  /console\.\w+\(|process\.std(out|err)\.write|process\[\w+\]\.write/.test(readFileSync(file, "utf8"));

test("nothing writes to the terminal past print.ts", () => {
  const files = ["gateways", "scripts", "stacks", "templates"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(root, folder, file)),
  );
  const sources = files.filter((file) => /(?<!\.test)\.ts$/.test(file) && !/node_modules|\/fixtures\//.test(file));
  const found = sources.filter(writes).map((file) => relative(root, file).replaceAll("\\", "/"));
  expect(found.filter((file) => !PRINTED_BY_US.test(file)).toSorted()).toEqual(Object.keys(MAY_WRITE));
});

beforeEach(() => void vi.stubEnv("NO_COLOR", "1")); // our own colours
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const harmless = (text: string) => expect(text.replaceAll("\n", " ")).not.toMatch(UNPRINTABLE);

test.each(NASTY)("%s is harmless when it is printed", (_, text) => {
  const stdout = vi.spyOn(console, "log").mockImplementation(() => {});
  const stderr = vi.spyOn(console, "error").mockImplementation(() => {});
  print(text);
  tell(text);
  for (const spy of [stdout, stderr]) harmless(String(spy.mock.calls[0]![0]));
});

test.each(NASTY)("%s of a server breaks no line of a table or a sentence", (_, text) => {
  const service = { name: "memory", url: text, state: "failed", tools: 1, needs: text, error: text } as const;
  const outcome = { check: text, state: "failed", detail: text, hint: text } as const;
  const findings = [
    { service, outcomes: [] },
    { service: { ...service, state: "up" as const }, outcomes: [outcome, { ...outcome, state: "ok" as const }] },
  ];
  const lines = [
    ...renderTable([[{ text }, { text: "x" }]]),
    ...wrap(text),
    ...verified(findings),
    ...settledLines(service, 1, { name: 6, url: 20 }),
    ...settledLines({ ...service, state: "up" }, 1, { name: 6, url: 20 }),
    ...summary([{ ...service, state: "needs" }], { entries: [], hub: "", log: "", isAsked: false, all: false }),
    ...summary([{ ...service, state: "needs" }], { entries: [], hub: "", log: "", isAsked: false, all: true }),
    ...summary([{ ...service, state: "up" }], { entries: [], hub: "", log: "", isAsked: false, all: true }),
  ];
  for (const line of lines) expect(line).not.toMatch(UNPRINTABLE);
});

test.each(NASTY)("%s in what Terraform, a container or a log says is harmless when it is printed", (_, text) => {
  const stdout = vi.spyOn(console, "error").mockImplementation(() => {});
  const resource = { addr: "terraform_data.memory_gate_1234ABCD", resource_type: "terraform_data" };
  tell(stepOf({ type: "provision_progress", hook: { resource, output: text } }) ?? "");
  tell(stepOf({ type: "diagnostic", diagnostic: { severity: "error", summary: text, detail: text } }) ?? "");
  tell(readable(JSON.stringify({ level: "info", msg: text })));
  for (const [said] of stdout.mock.calls) harmless(String(said));
});
