/** What every workflow keeps to, ours and that of a new project, so that whoever takes over an action or a package gets nothing. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, describe, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly env?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly env?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(import.meta.dirname, "..");
const files = [...globSync(".github/workflows/*.yml", { cwd: root }).toSorted(), "templates/project/deploy.yml"];

const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const all = files.map((file) => [file, parse(texts.get(file) ?? "") as Workflow] as const);
const jobs = all.flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => [`${name} of ${file}`, job] as const),
);
const steps = jobs.flatMap(([job, { steps: own }]) => own.map((step) => ({ job, step })));

/** Whether a value is one of the repository's secrets, or the token of the run. */
const isSecret = (value: unknown) => /\$\{\{[^}]*\b(secrets\.|github\.token)/.test(String(value));

test("there are workflows, and they use actions", () => {
  expect(files.length).toBeGreaterThan(4);
  expect(steps.filter(({ step }) => step.uses !== undefined).length).toBeGreaterThan(15);
});

describe("actions", () => {
  const used = files.flatMap((file) =>
    Array.from(texts.get(file)!.matchAll(/uses: (.*)$/gm), ([, action = ""]) => [basename(file), action] as const),
  );

  test.each(used)("in %s, %s is a commit, with its version beside it", (_file, action) => {
    expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("are at one commit each, wherever they are used", () => {
    const versions = new Map<string, Set<string>>();
    for (const [, action] of used) {
      const [name = "", version = ""] = action.split("@");
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
    expect([...versions].filter(([, each]) => each.size > 1)).toEqual([]);
  });

  test("are kept up to date", () => {
    const { updates } = parse(readFileSync(join(root, ".github/dependabot.yml"), "utf8")) as {
      updates: { "package-ecosystem": string; directory: string }[];
    };
    expect(updates).toContainEqual(expect.objectContaining({ "package-ecosystem": "github-actions", directory: "/" }));
  });
});

describe("secrets", () => {
  test("are on steps, and neither on a job nor on a workflow", () => {
    const shared = [...all, ...jobs].flatMap(([name, { env = {} }]) =>
      Object.entries(env).flatMap(([variable, value]) => (isSecret(value) ? `${variable} of ${name}` : [])),
    );
    expect(shared).toEqual([]);
  });

  test("reach no install, and of the actions the one that logs in alone", () => {
    const given = steps.filter(({ step }) => Object.values({ ...step.env, ...step.with }).some(isSecret));
    expect(given.length).toBeGreaterThan(5);
    const actions = given.flatMap(({ step: { uses } }) => uses?.split("@")[0] ?? []);
    expect(actions).toEqual(["docker/login-action"]);
    expect(given.filter(({ step: { run = "" } }) => /npm (ci|install|i)\b|pipx? install/.test(run))).toEqual([]);
  });

  test("are in no command line, which the log shows", () => {
    expect(steps.filter(({ step: { run = "" } }) => isSecret(run))).toEqual([]);
  });

  test("of git stay in no checkout", () => {
    const checkouts = steps.filter(({ step: { uses = "" } }) => uses.startsWith("actions/checkout@"));
    for (const { job, step } of checkouts) expect(step.with, job).toMatchObject({ "persist-credentials": false });
  });
});

test("no install runs what a package wants to run", () => {
  const installs = steps.filter(({ step: { run = "" } }) => /\bnpm (ci|install|i)\b/.test(run));
  expect(installs.length).toBeGreaterThan(5);
  for (const { job, step } of installs) expect(step.run, job).toContain("--ignore-scripts");
  expect(readFileSync(join(root, ".ci/run"), "utf8").match(/\bnpm ci (?!.*--ignore-scripts).*/g)).toBeNull();
});

test.each(all)("%s may read the repository, and a job that may do more says what", (_file, { permissions }) => {
  expect(permissions).toEqual({ contents: "read" });
});

test.each(jobs)("the job %s ends by itself", (_name, job) => {
  expect(job["timeout-minutes"]).toBeGreaterThan(0);
});

test("no text of somebody else's is put into a script", () => {
  const others = /\$\{\{[^}]*github\.(event\.(?!pull_request\.number|number\b)|head_ref|actor\b)/;
  expect(steps.filter(({ step: { run = "" } }) => others.test(run))).toEqual([]);
});
