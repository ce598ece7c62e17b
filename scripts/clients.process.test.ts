/** `gangway clients` as a person types it: what it prints. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { ClientDocument } from "./clients/report.ts";

const folder = mkdtempSync(join(tmpdir(), "gangway-clients-"));
const catalog = pathToFileURL(join(import.meta.dirname, "../stacks/catalog/package.ts")).href;
const entries = [
  `notes: { server: command(["node"]), port: 8100 }`,
  `docs: { server: http("https://example.org/mcp"), port: 8101, secrets: ["DOCS_KEY"], hostname: "papers" }`,
  `both: { server: group(["notes", "docs"]), port: 8102 }`,
];
writeFileSync(
  join(folder, "services.ts"),
  `import { command, defineServices, group, http } from "${catalog}";\nexport const services = defineServices({ ${entries.join(", ")} });\n`,
);

function clients(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "gangway.ts"), "clients", ...words],
    { cwd: folder, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: "/home/ada", ...env } },
  );
  return { status, stdout, stderr };
}

const documents = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  JSON.parse(clients(["--json", ...words], env).stdout) as readonly ClientDocument[];

test("without a client it says which there are, and what they can connect to", () => {
  const { status, stdout } = clients([]);
  expect(status).toBe(0);
  expect(stdout).toContain("npx gangway clients --client claude-code");
  expect(stdout).toMatch(/notes +http:\/\/127\.0\.0\.1:8100\/mcp\n/);
  expect(stdout).toMatch(/docs +http:\/\/127\.0\.0\.1:8101\/mcp +needs DOCS_KEY\n/);
  expect(stdout).toMatch(/gangway +http:\/\/127\.0\.0\.1:3000\/mcp +all of them as one\n/);
});

test("all services but those that wait are in one file, and stdout has nothing of those", () => {
  const { stdout, stderr } = clients(["--client", "cursor"]);
  expect(stdout).toContain("In ~/.cursor/mcp.json:");
  expect(stdout).toMatch(/"notes"[^]*"both"/);
  expect(stdout).not.toMatch(/docs|gangway/);
  expect(stderr).toContain("docs is not running: it needs DOCS_KEY");
});

test("--json has every environment that there is, each with its URL, and a variable where a token is asked for", () => {
  const env = { DOMAIN: "example.org", DOCS_KEY: "k" };
  const of = documents(["--client", "codex", "docs", "gangway"], env).map(
    ({ environment, service, file, text }) => `${environment} ${service} ${file} ${/"(\S+)"/.exec(text)?.[1]}`,
  );
  expect(of).toEqual([
    "local docs /home/ada/.codex/config.toml http://127.0.0.1:8101/mcp",
    "local gangway /home/ada/.codex/config.toml http://127.0.0.1:3000/mcp",
    "local-docker docs /home/ada/.codex/config.toml http://127.0.0.1:8101/mcp",
    "production docs /home/ada/.codex/config.toml https://papers.example.org/mcp",
  ]);
});

test("a token is named and never printed", () => {
  const token = "a-token-of-this-test-0123456789";
  const { stdout, stderr } = clients(["--json"], { MCP_BEARER_TOKEN: token, GANGWAY_TOKEN_NOTES: token });
  expect(stdout).toContain("GANGWAY_TOKEN_NOTES");
  expect(stdout + stderr).not.toContain(token);
});

test("each client is there once for each service and environment", () => {
  const all = documents([]);
  const keys = all.map(({ client, environment, service }) => `${client} ${environment} ${service}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(all.map(({ client }) => client)).size).toBeGreaterThan(30);
});

test.each([
  [["--client", "curser"], 'no client is called "curser". Did you mean "cursor"?'],
  [["--client", "cursor", "nots"], 'no service is called "nots". Did you mean "notes"?'],
  [["--environment", "prod"], "--environment is prod, expected one of local, local-docker, production."],
])("%j is a mistake in the command line", (words, message) => {
  const { status, stderr } = clients(words);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("production without a domain says what is missing", () => {
  const { status, stderr } = clients(["--environment", "production"]);
  expect(status).toBe(1);
  expect(stderr).toContain("DOMAIN is not set");
});
