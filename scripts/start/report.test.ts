import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { VERSION } from "../../gateways/version.ts";
import { services } from "../../stacks/services.ts";
import { root } from "../../stacks/shipped.ts";
import type { ServiceHealth } from "../kit/hub.ts";
import { document, type Entry, type Occasion, settledLines, summary, widthsFor } from "./report.ts";
import { entryOf } from "./run.ts";

const hub = "http://127.0.0.1:3000";
const up: ServiceHealth = { name: "memory", url: "http://127.0.0.1:8082/mcp", state: "up", tools: 9 };
const needs: ServiceHealth = { ...up, name: "coda", state: "needs", tools: null, needs: "CODA_API_TOKEN" };
const failed: ServiceHealth = { ...up, name: "filesystem", state: "failed", tools: null, error: "command not found" };
const app: ServiceHealth = { ...needs, name: "n8n", needs: "Docker" };

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({ name, isApp: false, ...more });
const entries = [
  entry("memory", { probe: { tool: "read_graph", arguments: {} } }),
  entry("coda", { keyUrl: "https://coda.io/account" }),
  entry("filesystem"),
  entry("n8n", { isApp: true }),
];
const occasion: Occasion = { entries, hub, log: ".gangway/gateway.log", isAsked: false, all: false };
const lines = (service: ServiceHealth, took = 1_240) =>
  settledLines(service, took, widthsFor([up, needs, failed])).map(stripVTControlCharacters);

test("the document has the same keys for every service", () => {
  const url = up.url;
  expect(document([up, needs, failed], hub)).toEqual({
    services: [
      { name: "memory", url, state: "up", tools: 9, needs: null, error: null },
      { name: "coda", url, state: "needs", tools: 0, needs: "CODA_API_TOKEN", error: null },
      { name: "filesystem", url, state: "failed", tools: 0, needs: null, error: "command not found" },
    ],
    hub,
  });
});

test("a service that settles has a line: where it is, its tools and its seconds, or why it failed", () => {
  expect(lines(up)).toEqual(["memory      http://127.0.0.1:8082/mcp   9 tools  1.2 s"]);
  expect(lines({ ...up, tools: 1 })).toEqual(["memory      http://127.0.0.1:8082/mcp    1 tool  1.2 s"]);
  expect(lines(failed)).toEqual(["filesystem  failed: command not found"]);
  expect(lines({ ...up, error: "port 8082 is taken; meanwhile it is on the hub alone" })).toEqual([
    "memory      http://127.0.0.1:8082/mcp   9 tools  1.2 s",
    "            hub only: port 8082 is taken",
  ]);
  expect(lines({ ...up, error: "without coda (it needs CODA_API_TOKEN)" })).toEqual([
    "memory      http://127.0.0.1:8082/mcp   9 tools  1.2 s",
    "            without coda (it needs CODA_API_TOKEN)",
  ]);
});

describe("with logins", () => {
  const logins = { issuer: "http://127.0.0.1:8078", services: new Set(["memory"]), withoutToken: new Set<string>() };
  const linesWith = (more: object) => summary([up], { ...occasion, logins: { ...logins, ...more } });

  test.each([
    [{ users: 0 }, "Logins   http://127.0.0.1:8078, no user yet: npx gangway users add you@example.org"],
    [{ users: 1 }, "Logins   http://127.0.0.1:8078, 1 user: npx gangway users list"],
    [{ users: 12 }, "Logins   http://127.0.0.1:8078, 12 users: npx gangway users list"],
    [{}, "Logins   http://127.0.0.1:8078: npx gangway users list"],
    [
      { users: 1, store: "redis://10.0.0.5:6379" },
      "Logins   http://127.0.0.1:8078, kept in redis://10.0.0.5:6379, 1 user: npx gangway users list",
    ],
    [{ users: 0, upstream: "github" }, "Logins   http://127.0.0.1:8078, with an account at github"],
  ])("%j is told as what to do first", (more, line) => {
    expect(linesWith(more)).toContain(line);
  });

  test("a client needs the URL alone, and our own verbs cannot call what takes no token", () => {
    expect(linesWith({})).toContain(`Connect  claude mcp add --transport http memory ${up.url}`);
    expect(linesWith({}).join("\n")).toContain("Try      npx gangway call memory");
    expect(linesWith({ withoutToken: new Set(["memory"]) }).join("\n")).not.toContain("Try ");
  });

  test("the document says where they are, and how many users there are", () => {
    const auth = { issuer: logins.issuer, users: 0, upstream: null };
    expect(document([up], hub, { ...logins, users: 0 })).toMatchObject({ auth });
    expect(document([up], hub)).not.toHaveProperty("auth");
  });
});

test("the summary repeats no line: how many are up, what waits for a key in one line, apps, what to do next", () => {
  expect(summary([up, needs, failed, app], occasion)).toEqual([
    `1 of 3 servers are up, all as one at ${hub}/mcp`,
    "Waiting  coda: CODA_API_TOKEN (https://coda.io/account)",
    "Apps     n8n: in Docker only, with npx gangway deploy local",
    "",
    "Try      npx gangway call memory read_graph '{}'",
    "Connect  claude mcp add --transport http memory http://127.0.0.1:8082/mcp",
    "Clients  npx gangway clients  (Cursor, Codex, VS Code and 30 others)",
    `See      ${hub} in a browser`,
    "Logs     npx gangway logs    (.gangway/gateway.log)",
    "Check    npx gangway verify  (in a second terminal)",
    "Stop     Ctrl-C",
  ]);
});

test("many that wait are counted in one line, and --all lists them; a second start would be refused", () => {
  const many = Array.from({ length: 9 }, (_, index) => ({ ...needs, name: `service-${index}` }));
  const waiting = (all: boolean) => summary(many, { ...occasion, all }).filter((line) => line.startsWith("Waiting"));
  expect(waiting(false)).toEqual(["Waiting  9 need a key or Docker: npx gangway status lists them"]);
  expect(waiting(true)).toHaveLength(9);
  expect(summary(many, occasion).join("\n")).not.toContain("npx gangway start");
  const some = many.slice(0, 2).map((service) => ({ ...service, needs: "A_KEY_WITH_A_RATHER_LONG_NAME_IN_DEED" }));
  expect(summary(some, occasion)[1]).toBe(
    "Waiting  2 need a key or Docker (service-0, service-1): npx gangway status lists them",
  );
});

test("what is suggested works: a service that is up, a token where one is needed, arguments as a shell reads them", () => {
  const asked = summary([needs, up], { ...occasion, isAsked: true }).join("\n");
  expect(asked).toContain("Connect  npx gangway clients --client claude-code memory");
  const probe = { tool: "find", arguments: { text: "it's" } };
  expect(summary([up], { ...occasion, entries: [entry("memory", { probe })] }).join("\n")).toContain(
    `npx gangway call memory find '{"text":"it'\\''s"}'`,
  );
  expect(summary([up], { ...occasion, entries: [] })).toContain("Try      npx gangway tools memory");
  expect(summary([needs], occasion).join("\n")).not.toMatch(/Try|Connect|Clients/);
});

test("sentences are no wider than a terminal of 100 columns", () => {
  const long: ServiceHealth = { ...failed, error: "word ".repeat(60).trim() };
  const all = [up, needs, long, app];
  const shown = [...lines(long), ...summary(all, { ...occasion, all: true })];
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(98);
});

test("the README's picture is what npm start prints of the catalog today", () => {
  const drawn = picturedLines();
  const running = drawn.flatMap((line) => /^(\S+) +http.*tools/.exec(line)?.[1] ?? []);
  const health = shown.map(({ name, port }) => {
    const url = `http://127.0.0.1:${port}/mcp`;
    return running.includes(name) ? { name, url, state: "up" as const } : { ...needs, name, needs: TOO_LONG };
  });
  const hint = "draw it again: node scripts/lab/terminal/main.ts > .github/terminal.svg";
  expect(drawn, hint).toEqual(expect.arrayContaining(summary(health, { ...occasion, entries: shown.map(entryOf) })));
  expect(drawn[1], hint).toBe(`gangway ${VERSION}, starting the services in stacks/services.ts`);
});

/** What is not mentioned before its secret is set is not in the picture. */
const shown = Object.values(services).filter(({ optional }) => !optional);

/** For one line, so that the line for all that wait has no details of the machine on which it was drawn. */
const TOO_LONG = "A_KEY".repeat(10);

function picturedLines(): string[] {
  const [, text = ""] = /<desc[^>]*>(.*)<\/desc>/s.exec(readFileSync(join(root, ".github/terminal.svg"), "utf8"))!;
  const plain = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return plain.split("\n").map((line) => line.trim());
}

test("a service whose tools are not as reviewed says which, and what to run", () => {
  const unreviewed = ["send (changed)", ...Array.from({ length: 9 }, (_, at) => `tool${at} (new)`)];
  const text = lines({ ...up, unreviewed })
    .join(" ")
    .replaceAll(/\s+/g, " ");
  expect(text).toContain("not as reviewed: send (changed), tool0 (new)");
  expect(text).toContain(`and 5 more. npx gangway update --review ${up.name}`);
});
