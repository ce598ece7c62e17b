import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serverOptions } from "../gateways/config.ts";
import { weakness } from "../gateways/config/tokens.ts";
import { defineServices } from "./catalog/define.ts";
import type { ServiceEntry } from "./catalog/entry.ts";
import { http } from "./catalog/kinds/http.ts";
import { services as shipped } from "./services.ts";
import { readSettings } from "./settings.ts";
import {
  checkTokensHere,
  keptTokens,
  localTokens,
  newToken,
  serviceToken,
  tokenDigests,
  tokenProblems,
} from "./tokens.ts";

const server = http("https://example.org/mcp");
const define = (entry: Partial<ServiceEntry>) => defineServices({ own: { server, port: 1, ...entry } }).own;
const settings = (env: Record<string, string>) => readSettings([], { env, file: "/nowhere" });
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const GOOD = "7e1f9c3a5b8d20e46c1f7a9b";

describe("the token of a service", () => {
  test("is text of a fixed form, which stays the same for ever", () => {
    expect(serviceToken("master", "memory")).toBe("gw_memory_cwd6RTAQfYQtQgXiL2m0UxGtR-8Hza28vJI0YKbNwrM");
    expect(serviceToken("master", "my-server")).toMatch(/^gw_my-server_[\w-]{43}$/);
  });

  test("is another one for each service and each master", () => {
    const all = ["a", "b"].flatMap((master) =>
      ["memory", "memory2", "emory"].map((name) => serviceToken(master, name)),
    );
    expect(new Set(all.map((token) => token.slice(-43))).size).toBe(all.length);
  });

  test("is good where others can reach it", () => {
    for (const name of Object.keys(shipped)) expect(weakness(serviceToken(newToken(), name), true)).toBeUndefined();
  });
});

describe("what opens a service", () => {
  const values = { MCP_BEARER_TOKEN: "new\nold", USER: "admin", KEY: "own-key" };

  test("are each master and the service's token of each, as digests that the gateway reads", () => {
    const own = tokenDigests(define({}), settings(values), ["new", "old"]);
    const tokens = ["new", serviceToken("new", "own"), "old", serviceToken("old", "own")];
    expect(own).toEqual(tokens.map(sha256));
    expect(serverOptions.tokenDigests.read(own.join("\n"))).toEqual(own);
  });

  test.each<[entry: Partial<ServiceEntry>, accepted: string[]]>([
    [{ secrets: ["KEY"] }, []],
    [{ secrets: ["USER", "KEY"] }, []],
    [{ secrets: ["KEY"], acceptServiceToken: true }, ["own-key"]],
    [{ optionalSecrets: ["KEY"], acceptServiceToken: true }, ["own-key"]],
    [{ secrets: ["USER", "KEY"], acceptServiceToken: "KEY" }, ["own-key"]],
    [{ optionalSecrets: ["UNSET"], acceptServiceToken: true }, []],
    [{ secrets: ["KEY"], acceptServiceToken: false }, []],
  ])("of its own secrets is only the one that the entry accepts: %j", (entry, accepted) => {
    const own = tokenDigests(define(entry), settings(values), ["m"]);
    expect(own.slice(2)).toEqual(accepted.map(sha256));
  });

  test("is nothing where there is no master: a secret of the service closes nothing by itself", () => {
    expect(tokenDigests(define({ secrets: ["KEY"], acceptServiceToken: true }), settings(values), [])).toEqual([]);
  });

  test("of the shipped coda, github and firecrawl is their own secret too, as the seeds say", () => {
    const accepting = Object.values(shipped).filter(({ acceptServiceToken }) => acceptServiceToken === true);
    expect(accepting.map(({ name }) => name)).toEqual(["coda", "github", "firecrawl"]);
  });
});

describe("an entry that accepts a secret", () => {
  test.each<[entry: Partial<ServiceEntry>, problem: string]>([
    [{ secrets: ["USER", "KEY"], acceptServiceToken: true }, "expected the name of one of its secrets (USER, KEY)"],
    [{ secrets: ["USER"], optionalSecrets: ["KEY"], acceptServiceToken: true }, "(USER, KEY)"],
    [{ secrets: ["KEY"], acceptServiceToken: "KYE" }, 'is "KYE", expected the name of one of its secrets (KEY)'],
    [{ acceptServiceToken: true }, "expected a secret in the entry"],
    [{ secrets: ["KEY"], acceptServiceToken: 1 as never }, "expected true, or the name of one of its secrets"],
  ])("says which: %j", (entry, problem) => expect(() => define(entry)).toThrow(problem));

  const PEM = "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----";
  test.each([
    [PEM, "has a line break"],
    ['{"type": "service_account", "private_key": "planted"}', "has white space"],
    ["host=db user=planted password=planted", "has white space"],
    ["planted,planted", "has a comma"],
    ["planted", "has fewer than 24 characters"],
    ["<your-planted-token>", "is a placeholder"],
  ])("cannot accept the value %j, and the check does not repeat it", (value, problem) => {
    const own = define({ secrets: ["KEY"], acceptServiceToken: true });
    const [line = "", ...more] = tokenProblems([own], settings({ MCP_BEARER_TOKEN: GOOD, KEY: value }), true);
    expect([line, more]).toEqual([
      expect.stringContaining(`own: acceptServiceToken: the value of KEY (from the environment) ${problem}`),
      [],
    ]);
    expect(line).not.toMatch(/plant(?!.*placeholder)/);
  });
});

const problems = (token: string, exposed: boolean) =>
  tokenProblems([define({})], settings({ MCP_BEARER_TOKEN: token }), exposed);

describe("MCP_BEARER_TOKEN", () => {
  test("may be short on this machine, which is said; a placeholder may be nowhere", () => {
    expect(checkTokensHere([], settings({ MCP_BEARER_TOKEN: "short" }))).toEqual([
      expect.stringMatching(
        /^MCP_BEARER_TOKEN \(from the environment\) is enough on this machine alone.*npx gangway token new/,
      ),
    ]);
    expect(checkTokensHere([], settings({ MCP_BEARER_TOKEN: GOOD }))).toEqual([]);
    expect(() => checkTokensHere([], settings({ MCP_BEARER_TOKEN: "changeme" }))).toThrow("is a placeholder");
  });

  test("must be good under a domain, and each of several must", () => {
    expect(problems(GOOD, true)).toEqual([]);
    expect(problems(`${GOOD}\nshort\nshorter`, true)).toEqual([
      "MCP_BEARER_TOKEN (from the environment): a token has fewer than 24 characters, make one with `npx gangway token new`",
    ]);
  });

  test.each(["planted one", "planted,one", "Bearer planted"])("%j is refused and not repeated", (token) => {
    expect(() => settings({ MCP_BEARER_TOKEN: token }).bearerTokens).toThrow(
      /^MCP_BEARER_TOKEN \(from the environment\): the token (?!.*planted)/,
    );
  });
});

test("the tokens of this machine are made once, for its user alone, and a second one is accepted beside the first", () => {
  const file = join(mkdtempSync(join(tmpdir(), "gangway-token-")), ".gangway/token");
  expect([keptTokens(file), existsSync(file)]).toEqual([[], false]);
  const [token = ""] = localTokens(file);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(localTokens(file)).toEqual([token]);
  expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual([`${token}\n`, 0o600]);
  writeFileSync(file, `newer\n${token}\n`);
  expect(localTokens(file)).toEqual(["newer", token]);
});
