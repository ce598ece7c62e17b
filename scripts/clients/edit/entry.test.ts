import { describe, expect, test } from "vitest";
import { randomNumbers } from "../../../gateways/fixtures/random.ts";
import { removeEntry, setEntry } from "./entry.ts";
import { json } from "./json.ts";
import { messyJson, messyToml, messyYaml } from "./messy.ts";
import { toml } from "./toml.ts";
import { yaml } from "./yaml.ts";

const value = {
  type: "http",
  url: "https://memory.example.org/mcp",
  headers: { Authorization: "Bearer ${T}", "X-Odd": 'a "b" # c \\ é \u007F' },
  list: ["*", "{}"],
  timeout: 300,
};

const other = { ...value, url: "http://127.0.0.1:3000/mcp", list: [] };

const languages = [
  ["JSON", json, messyJson, "mcpServers"],
  ["TOML", toml, messyToml, "mcp_servers"],
  ["YAML", yaml, messyYaml, "mcpServers"],
] as const;

const ROUNDS = 100;

const body = (text: string) => text.replace(/^\uFEFF/, "");

describe.each(languages)("in a messy text of %s", (_language, syntax, messy, container) => {
  const texts = Array.from({ length: ROUNDS }, (_, seed) => messy(randomNumbers(seed)));
  const paths = ["mine", "a b", "on", "0", "x.y", 'q"', "constructor"].map((name) => [container, name]);
  const each = (check: (text: string, path: readonly string[]) => void) => {
    for (const [at, text] of texts.entries()) check(text, paths[at % paths.length] ?? []);
  };

  test("an entry is there after it was put in", () => {
    each((text, path) => expect(syntax.read(body(setEntry(syntax, text, path, value)), path)).toMatchObject(value));
  });

  test("an entry taken out again leaves the very same bytes", () => {
    each((text, path) => expect(removeEntry(syntax, setEntry(syntax, text, path, value), path)).toBe(text));
  });

  test("an entry put in twice changes nothing the second time", () => {
    each((text, path) => {
      const once = setEntry(syntax, text, path, value);
      expect(setEntry(syntax, once, path, value)).toBe(once);
    });
  });

  test("several entries are taken out in any order", () => {
    each((text, path) => {
      const both = setEntry(syntax, setEntry(syntax, text, path, value), [container, "second"], other);
      const first = removeEntry(syntax, removeEntry(syntax, both, path), [container, "second"]);
      const last = removeEntry(syntax, removeEntry(syntax, both, [container, "second"]), path);
      expect([first, last]).toEqual([text, text]);
    });
  });

  test("an entry that has changed is changed in its place", () => {
    each((text, path) => {
      const changed = setEntry(syntax, setEntry(syntax, text, path, value), path, other);
      expect(changed).toBe(setEntry(syntax, text, path, other));
    });
  });

  test("what is not there is not taken out", () => {
    each((text, path) => expect(removeEntry(syntax, text, path)).toBe(text));
  });
});
