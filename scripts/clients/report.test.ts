import { expect, test } from "vitest";
import { clients } from "../../templates/clients/clients.ts";
import type { Place, Target } from "../../templates/clients/format.ts";
import { configuration, documentOf, overview } from "./report.ts";

const linux: Place = { os: "linux", home: "~", env: {} };
const local: Target = { name: "memory", url: "http://127.0.0.1:8082/mcp" };
const asked: Target = { ...local, token: { variable: "GANGWAY_TOKEN_MEMORY" } };
const hub: Target = { name: "gangway", url: "http://127.0.0.1:3000/mcp", token: { variable: "GANGWAY_TOKEN" } };
const named = (id: string) => clients.find((client) => client.id === id)!;

test("a client's own command comes first, then its file, then how it learns the token", () => {
  const text = configuration(named("codex"), [asked, hub], linux);
  const order = [
    "codex mcp add memory --url",
    "codex mcp add gangway --url",
    "Or in ~/.codex/config.toml:",
    "[mcp_servers.memory]",
    "[mcp_servers.gangway]",
    "export GANGWAY_TOKEN_MEMORY=$(npx gangway token memory)",
    "export GANGWAY_TOKEN=$(npx gangway token)",
  ].map((line) => text.indexOf(line));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test("where nothing asks for a token, nothing is said of one", () => {
  for (const client of clients) {
    const [said] = configuration(client, [local], linux).split(/\n(?:Checked only by reading|Tried with) /);
    expect(said, client.id).not.toMatch(/\btokens?\b/i);
  }
});

test.each([
  ["codex", "In the shell that starts it:\nexport GANGWAY_TOKEN_MEMORY=$(npx gangway token memory)"],
  ["zed", "In place of <the token>, what this prints:\nnpx gangway token memory"],
  ["vscode", "This prints the token:\nnpx gangway token memory"],
])("%s is told how it learns the token", (id, help) => {
  expect(configuration(named(id), [asked], linux)).toContain(help);
});

test("where callers have tokens of the API, each client's configuration has its variable, and no command of ours is told", () => {
  const own: Target = { ...local, name: "coda", token: { variable: "CODA_API_TOKEN", isOwn: true } };
  for (const client of clients) {
    const text = configuration(client, [own], linux);
    expect(text, client.id).toContain("CODA_API_TOKEN");
    expect(text, client.id).not.toContain("npx gangway token");
  }
  expect(configuration(named("claude-code"), [own], linux)).toContain("Bearer ${CODA_API_TOKEN}");
});

test("on Windows the variable is set as PowerShell does it", () => {
  const text = configuration(named("codex"), [asked], { ...linux, os: "win32" });
  expect(text).toContain("$env:GANGWAY_TOKEN_MEMORY = npx gangway token memory");
});

test("what nobody has tried is said", () => {
  expect(configuration(named("zed"), [local], linux)).toContain("Not verified: no Zed has run it.");
  expect(configuration(named("codex"), [local], linux)).not.toContain("Not verified");
});

test("a document has every key, also where there is nothing to say", () => {
  expect(documentOf(named("jetbrains"), local, "local", linux)).toMatchObject({ file: null, command: null });
  expect(Object.keys(documentOf(named("curl"), asked, "production", linux))).toEqual(
    "client environment service file format text command note".split(" "),
  );
});

test("the overview names every client, and says what a service waits for", () => {
  const text = overview(
    clients,
    [{ target: local }, { target: { ...local, name: "coda" }, needs: "CODA_API_TOKEN" }, { target: hub }],
    "local",
  );
  for (const { id } of clients) expect(text).toMatch(new RegExp(`^ .*\\b${id}\\b`, "m"));
  expect(text).toContain("coda     http://127.0.0.1:8082/mcp  needs CODA_API_TOKEN");
  expect(text).toContain("gangway  http://127.0.0.1:3000/mcp  all of them as one");
  expect(text.split("\n").length).toBeLessThan(24);
});
