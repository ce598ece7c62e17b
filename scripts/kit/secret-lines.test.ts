import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { project } from "../../stacks/project.ts";
import { files, lackingSecrets, nameInCi } from "./secret-lines.ts";

const secrets = [
  { name: "JIRA_API_TOKEN", services: ["jira", "reports"] },
  { name: "GITHUB_APP_KEY", services: ["github"] },
];
const [example, own, workflow] = files as readonly [(typeof files)[0], (typeof files)[0], (typeof files)[0]];
const read = (file: string) => readFileSync(join(project, file), "utf8");
const added = (before: string, after: string) => {
  const old = before.split("\n");
  return after.split("\n").filter((line, at, lines) => !old.includes(line) && lines.indexOf(line) === at);
};

test.each([example, workflow])("$file gets the lines that it lacks, each once, and nothing else changes", (named) => {
  const before = read(named.file);
  const after = named.with(before, secrets);
  expect(secrets.map(({ name }) => [named.has(before, name), named.has(after, name)])).toEqual([
    [false, true],
    [false, true],
  ]);
  const lines = added(before, after);
  expect(after.split("\n").filter((line) => !lines.includes(line))).toEqual(before.split("\n"));
});

test("the workflow gives each to the steps by the name that the repository may have it under", () => {
  const before = read(workflow.file);
  expect(added(before, workflow.with(before, secrets))).toEqual([
    "          JIRA_API_TOKEN: ${{ secrets.JIRA_API_TOKEN }}",
    "          GITHUB_APP_KEY: ${{ secrets.MCP_GITHUB_APP_KEY }}",
  ]);
  expect(nameInCi("GITHUB_APP_KEY")).toBe("MCP_GITHUB_APP_KEY");
});

test(".env.example says which services a secret is for", () => {
  const after = example.with(read(example.file), secrets);
  expect(after).toContain("# jira, reports\nJIRA_API_TOKEN=\n# github\nGITHUB_APP_KEY=\n\n# Ports on this machine");
});

test.each(["", "A=1", "A=1\n", "A='x\ny'\n"])(".env keeps what is in it: %j", (before) => {
  const after = own.with(before, secrets);
  expect(parseEnv(after)).toEqual({ ...parseEnv(before), JIRA_API_TOKEN: "", GITHUB_APP_KEY: "" });
  expect(after.startsWith(before)).toBe(true);
  expect(own.has("export JIRA_API_TOKEN = 1", "JIRA_API_TOKEN")).toBe(true);
  expect(own.has("# JIRA_API_TOKEN=1\nMY_JIRA_API_TOKEN=1", "JIRA_API_TOKEN")).toBe(false);
});

test.each([
  [example, "templates/project/env.example"],
  [workflow, "templates/project/deploy.yml"],
])("$file of a new project has a place for them", (named, template) => {
  const after = named.with(read(template), secrets);
  expect(secrets.every(({ name }) => named.has(after, name))).toBe(true);
});

test("an .env.example of one's own gets them at its end", () => {
  expect(example.with("A=1\n", secrets.slice(1))).toBe("A=1\n# github\nGITHUB_APP_KEY=\n");
  expect(example.with("A=1", secrets.slice(1))).toBe("A=1\n# github\nGITHUB_APP_KEY=");
});

test("a file that has no place for them is left alone", () => {
  expect(() => workflow.with("on: push\n", secrets)).toThrow("no place for a secret");
});

const texts = (file: string) => [read(file), read(file).replaceAll("\n", "\r\n"), read(file).trimEnd()];

test.each([example, own, workflow])("what $file has gained is taken out again, to the byte", (named) => {
  const all = named === own ? ["", "A=1", "A=1\n", "A=1\r\nB=2\r\n", "A='x\ny'\n"] : texts(named.file);
  for (const before of all) expect(named.without(named.with(before, secrets), secrets)).toBe(before);
});

test("a value in .env stays, and so does a comment of somebody's own in .env.example", () => {
  expect(own.without("JIRA_API_TOKEN=1\nGITHUB_APP_KEY=\n", secrets)).toBe("JIRA_API_TOKEN=1\n");
  expect(example.without("# from the admin\nJIRA_API_TOKEN=\nB=\n", secrets)).toBe("# from the admin\nB=\n");
});

test("a secret of the catalog that lacks its line is found in each file that there is", () => {
  const services = [{ name: "jira", secrets: ["JIRA_API_TOKEN"], optionalSecrets: ["GITHUB_APP_KEY"] }];
  const texts: Readonly<Record<string, string>> = {
    ".env.example": "JIRA_API_TOKEN=\n",
    ".github/workflows/deploy.yml": "",
  };
  expect(lackingSecrets(services, (file) => texts[file])).toEqual([
    { file: ".env.example", names: ["GITHUB_APP_KEY"] },
    { file: ".github/workflows/deploy.yml", names: ["JIRA_API_TOKEN", "GITHUB_APP_KEY"] },
  ]);
});
