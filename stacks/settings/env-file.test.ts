import { describe, expect, test } from "vitest";
import { parseEnv } from "node:util";
import { defineServices } from "../catalog/define.ts";
import { npm } from "../catalog/kinds/npm.ts";
import { services as shipped } from "../services.ts";
import { readEnvText } from "./env-file.ts";
import { knownNames } from "./names.ts";

const services = defineServices({
  memory: { server: npm("pkg@1.2.3"), port: 8082 },
  coda: { server: npm("pkg@1.2.3"), port: 8083, secrets: ["CODA_API_TOKEN"], optionalSecrets: ["DSN"] },
});
const known = knownNames(Object.values(services));
const read = (text: string) => readEnvText(text, known);

describe("a misspelt name stops, and the message has the line and what was meant", () => {
  test.each([
    ["MCP_BEARER_TOKN", "MCP_BEARER_TOKEN"],
    ["MCP_BEARER_TOKENS", "MCP_BEARER_TOKEN"],
    ["mcp_bearer_token", "MCP_BEARER_TOKEN"],
    ["MCP-BEARER-TOKEN", "MCP_BEARER_TOKEN"],
    ["PORT_MEMRY", "PORT_MEMORY"],
    ["HUBPORT", "HUB_PORT"],
    ["CODA_API_TOKNE", "CODA_API_TOKEN"],
    ["ALOWED_ORIGINS", "ALLOWED_ORIGINS"],
    ["REQUEST_RATES", "REQUEST_RATE"],
    ["DOMIAN", "DOMAIN"],
    ["SERVICE", "SERVICES"],
    ["CLOUDFLARE_API_TOKE", "CLOUDFLARE_API_TOKEN"],
    ["DNS", "DSN"],
  ])("%s: %s", (name, meant) => {
    expect(read(`# mine\n\nexport ${name}=do-not-show`)).toMatchObject({
      mistakes: [`.env line 3: ${name} is not a setting. Did you mean ${meant}?`],
      notices: [],
    });
  });
});

test("every known name, spelt right, is taken without a word", () => {
  const text = known.settings.map((name) => `${name}=value`).join("\n");
  expect(read(text)).toMatchObject({ mistakes: [], notices: [] });
});

test("every known name of six letters and more is recognized without any one of its letters", () => {
  const all = knownNames(Object.values(shipped));
  const typos = all.settings
    .filter(({ length }) => length >= 6)
    .flatMap((name) => Array.from(name, (_, at) => name.slice(0, at) + name.slice(at + 1)))
    .filter((typo) => !all.settings.includes(typo));
  for (const typo of typos)
    expect(readEnvText(`${typo}=1`, all).mistakes, typo).toEqual([expect.stringContaining("Did you mean")]);
});

describe("a name that resembles none stops nothing, and is told once", () => {
  test.each(["DATABASE_URL", "NODE_ENV", "EDITOR", "MY_APP_SECRET", "DB", "TZ", "PORT_OF_CALL", "GITHUB"])(
    "%s",
    (name) => {
      expect(read(`${name}=value\n`)).toEqual({
        values: { [name]: "value" },
        mistakes: [],
        notices: [`.env line 1: ${name} is not a setting, so it has no effect`],
      });
    },
  );

  test("with what it may stand for, where words were left out", () => {
    expect(read("CODA_TOKEN=x\nBEARER_TOKEN=x").notices).toEqual([
      ".env line 1: CODA_TOKEN is not a setting, so it has no effect. If you meant CODA_API_TOKEN, rename it",
      ".env line 2: BEARER_TOKEN is not a setting, so it has no effect. If you meant MCP_BEARER_TOKEN, rename it",
    ]);
  });

  test("and one that is read from the environment alone says so", () => {
    expect(read("DOCKER_HOST=ssh://x").notices).toEqual([
      ".env line 1: DOCKER_HOST has no effect in .env, only in the environment: export it",
    ]);
  });
});

describe("a line with a mistake is named by its number, and its value is not repeated", () => {
  const secret = "hidden-value-1";
  test.each([
    [`MCP_BEARER_TOKEN: ${secret}`, "line 1 sets nothing"],
    [`A=1\n${secret}`, "line 2 sets nothing"],
    [`MCP BEARER TOKEN=${secret}`, "line 1 sets nothing"],
    ["export MCP_BEARER_TOKEN", "line 1 sets nothing"],
    [`=${secret}`, "line 1 sets nothing"],
    [`MCP_BEARER_TOKEN="${secret}`, "line 1: MCP_BEARER_TOKEN begins with a quote that is never closed"],
    [`MCP_BEARER_TOKEN='${secret}\nDOMAIN=x`, "line 1: MCP_BEARER_TOKEN begins with a quote"],
    [`MCP_BEARER_TOKEN="${secret}"more`, "line 1: MCP_BEARER_TOKEN has text after its closing quote"],
    [`MCP_BEARER_TOKEN=${secret}#more`, "line 1: MCP_BEARER_TOKEN is cut off at its #"],
    [`OTHER="${secret}\nMCP_BEARER_TOKEN="x"`, "line 1: OTHER swallows the line that sets MCP_BEARER_TOKEN"],
    [`DOMAIN=a\nDOMAIN=${secret}`, "line 2: DOMAIN is set on line 1 already"],
    [`DOMAIN=${secret}\n\nDOMAIN=`, "line 3: DOMAIN is set on line 1 already"],
  ])("%j", (text, problem) => {
    const { mistakes } = read(text);
    expect(mistakes.join("\n")).toContain(`.env ${problem}`);
    expect(mistakes.join("\n")).not.toContain(secret);
  });
});

test("what people write every day is taken as Node takes it", () => {
  const texts = [
    "",
    "# only a comment\n",
    'MCP_BEARER_TOKEN="a" # mine\r\nDOMAIN=example.org # yours, and #2\r\n',
    "MCP_BEARER_TOKEN='first\nsecond'\nDOMAIN = x",
    "  export DSN=postgres://u:p@h/db?x=1",
    "DOMAIN=\nDOMAIN=x",
    "DOMAIN=x\nDOMAIN=x",
    'STATE_BUCKET=`a"b`',
    "# it's\nDOMAIN=x",
  ];
  for (const text of texts)
    expect(read(text), text).toEqual({ values: { ...parseEnv(text) }, mistakes: [], notices: [] });
  expect(read("\uFEFFDOMAIN=x").values).toEqual({ DOMAIN: "x" });
});
