import { execFileSync } from "node:child_process";
import { parse as parseJsonc, type ParseError } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { NASTY } from "../../gateways/fixtures/nasty.ts";
import { randomNumbers } from "../../gateways/fixtures/random.ts";
import { clients } from "./clients.ts";
import { canLogIn, type FileClient, PLACEHOLDER, type Target } from "./format.ts";
import { documentOf, isFile, render } from "./render.ts";
import { samples, somewhere } from "./samples.ts";
import { exportLine, shellLine } from "./shell.ts";
import { variableOf } from "./variable.ts";
import { wayFor } from "./way.ts";

/** Reads a file as the client does. */
const parse: Readonly<Record<FileClient["kind"], (text: string) => unknown>> = {
  json: (text) => JSON.parse(text) as unknown,
  jsonc: (text) => {
    const errors: ParseError[] = [];
    const found: unknown = parseJsonc(text, errors);
    expect(errors).toEqual([]);
    return found;
  },
  toml: parseToml,
  yaml: (text) => {
    const document = parseDocument(text, { stringKeys: true });
    expect([document.errors, document.warnings]).toEqual([[], []]);
    return document.toJS() as unknown;
  },
};

/** Words that formats and shells take for something else, and whatever else a name can be. */
const WORDS: readonly string[] = [
  ..."true null yes No ~ 12 1e3 0x1F .5 - -- --flag # & * ! | > % @ ` ' \" \\ \\n $HOME ${HOME} $(id) {{x}} [a] {a} a:b a=b".split(
    " ",
  ),
  "a: b",
  "a #b",
  " lead",
  "trail ",
  "two  spaces",
  "tab\tin",
  "2026-11-29",
  "constructor",
  "über",
  "日本",
  "🚪",
  ...NASTY.map(([, text]) => text).filter((text) => text.isWellFormed()),
];

const next = randomNumbers(14);
const word = () => WORDS[next(WORDS.length)]!;
const oddTargets: readonly Target[] = Array.from({ length: 60 }, (_, round) => ({
  name: round < WORDS.length ? WORDS[round]! : word() + word(),
  url: `https://example.org/${word()}?${word()}#${word()}`,
  ...(round % 2 === 0 && { token: { variable: "GANGWAY_TOKEN_X", value: word() } }),
}));

describe.each(clients.filter(isFile))("$id", (client) => {
  test("is read back as it was, whatever is in names, URLs and tokens", () => {
    for (const target of [...Object.values(samples), ...oddTargets]) {
      const { text } = render(client, [target], somewhere);
      expect(plain(parse[client.kind](text)), JSON.stringify(target)).toEqual(
        plain(documentOf(client.edits(wayFor(client, target)))),
      );
      expect(text).not.toMatch(/\t|\r/);
    }
  });

  test("names the variable, or has the token's place, and nothing of both for a service without a token", () => {
    const { production, local } = samples;
    const said = JSON.stringify(client.edits(production));
    expect(said.includes(production.token.variable)).toBe(client.tokenBy === "reference");
    expect(said.includes(PLACEHOLDER)).toBe(client.tokenBy === "value");
    expect(JSON.stringify(client.edits(local))).not.toMatch(/token|authorization|bearer/i);
  });

  test("never has the token itself where the client can refer to it", () => {
    const { url, name } = samples.production;
    const target = { name, url, token: { variable: "GANGWAY_TOKEN_MEMORY", value: "s3cret" } };
    expect(JSON.stringify(client.edits(target)).includes("s3cret")).toBe(client.tokenBy === "value");
    expect(JSON.stringify(client.command?.(target) ?? [])).not.toContain("s3cret");
  });

  test("keeps services apart in one file", () => {
    const two = [samples.local, { name: "think", url: "http://127.0.0.1:8090/mcp" }];
    const text = render(client, two, somewhere).text;
    expect(plain(parse[client.kind](text))).toEqual(plain(documentOf(two.flatMap(client.edits))));
    expect(text).toMatch(/8082[^]*8090/);
  });
});

test("a service may be called __proto__", () => {
  for (const client of clients.filter(isFile)) {
    const { text } = render(client, [{ name: "__proto__", url: "http://127.0.0.1/mcp" }], somewhere);
    expect(text, client.id).toContain("__proto__");
    expect(text, client.id).toContain("http://127.0.0.1/mcp");
  }
});

describe.each(clients)("$id, where a service has logins", (client) => {
  const way = (name: keyof typeof samples) => wayFor(client, samples[name]);
  const said = (name: keyof typeof samples) => render(client, [samples[name]], somewhere);

  test("gets the URL alone if it logs in, and else the token at the URL that has no logins", () => {
    const { url, keyUrl, token } = samples["logins and tokens"];
    const { name } = samples["logins and tokens"];
    const expected = canLogIn(client) ? { name, url, hasLogin: true } : { name, url: keyUrl, token };
    expect(way("logins and tokens")).toEqual(expected);
  });

  test("is told what happens next, or what it takes", () => {
    const { note, text, command = "" } = said("logins alone");
    expect(note).toMatch(canLogIn(client) ? /browser/ : /takes logins alone/);
    expect(`${text}${command}`).toContain(samples["logins alone"].url.replace(/^https|\/mcp$/g, ""));
    expect(`${text}${command}`).not.toMatch(/authorization|bearer|GANGWAY_TOKEN/i);
  });

  test("goes the same way a second time", () => {
    for (const target of Object.values(samples)) {
      const once = wayFor(client, target);
      expect(wayFor(client, once)).toEqual(once);
    }
  });
});

test("each client has an id and a title of its own", () => {
  for (const key of ["id", "title"] as const) {
    const all = clients.map((client) => client[key]);
    expect(new Set(all).size).toBe(all.length);
  }
  expect(clients.filter(({ id }) => !/^[a-z0-9-]+$/.test(id))).toEqual([]);
});

test("a POSIX shell gives a command its words as they are", () => {
  const words = WORDS.filter((one) => !one.includes("\0"));
  const out = execFileSync("sh", ["-c", `printf '%s\\0' ${shellLine(words)}`], { encoding: "utf8" });
  expect(out.split("\0").slice(0, -1)).toEqual(words);
});

test("PowerShell gets its own quotes, and its own way to set a variable", () => {
  expect(shellLine(["code", "--add-mcp", `{"name":"it's"}`], "win32")).toBe(
    String.raw`code --add-mcp '{\"name\":\"it''s\"}'`,
  );
  expect(exportLine("T", "npx gangway token memory", "win32")).toBe("$env:T = npx gangway token memory");
  expect(exportLine("T", "npx gangway token memory")).toBe("export T=$(npx gangway token memory)");
});

test("a variable's name is one that every shell takes", () => {
  for (const service of ["memory", "my-notes", "4d", ...WORDS])
    expect(variableOf(service)).toMatch(/^GANGWAY_TOKEN_[A-Z0-9_]+$/);
});

/** Without prototypes, which parsers give their maps or not. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
