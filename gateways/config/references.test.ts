import { expect, test } from "vitest";
import { fillReferences, refersTo } from "./references.ts";

const env = { A: "one", B: "$&two", EMPTY: "", AGAIN: "${A}" };
const fill = (text: string) => fillReferences({ key: text }, "", env);

test.each([
  ["${A}", "one"],
  ["--x=${A}${B}", "--x=one$&two"],
  ["${env:A}", "one"],
  ["${A:-other}", "one"],
  ["${NONE:-other}", "other"],
  ["${env:NONE:-other}", "other"],
  ["${EMPTY:-other}", "other"],
  ["${NONE:-}", ""],
  ["${NONE:-${A}}/x", "one/x"],
  ["${NONE:-${EMPTY:-${B}}}", "$&two"],
  ["${AGAIN}", "${A}"], // a value is not filled again
  ["nothing", "nothing"],
  ["}${A}{", "}one{"],
])("%s is filled with %s", (text, filled) => {
  expect(fill(text)).toMatchObject({ content: { key: filled }, missing: [], warnings: [] });
});

test.each([
  ["${NONE}", ["NONE"]],
  ["${EMPTY}", ["EMPTY"]],
  ["${env:NONE}", ["NONE"]],
  ["${NONE} ${A} ${NONE}", ["NONE"]],
  ["${NONE:-${OTHER}}", ["OTHER"]],
])("%s is missing, and stays as it is", (text, names) => {
  const { content, missing } = fill(text);
  expect([content.key, missing.map(({ name }) => name)]).toEqual([text, names]);
});

test("every text of an entry is filled and checked, wherever it stands", () => {
  const entry = {
    command: "${A}/server",
    args: ["${A}", "--key", "${NONE}"],
    env: { KEY: "${A}" },
    cwd: "/home/${A}",
    url: "https://${A}.example",
    headers: { Authorization: "Bearer ${NONE2}" },
    tokens: ["${A}"],
    port: 1,
    disabled: null,
  };
  const { content, missing, names } = fillReferences(entry, "", env);
  expect(content).toMatchObject({ command: "one/server", args: ["one", "--key", "${NONE}"], env: { KEY: "one" } });
  expect(content).toMatchObject({ cwd: "/home/one", url: "https://one.example", tokens: ["one"], port: 1 });
  expect(missing).toEqual([
    { at: "args.2", name: "NONE" },
    { at: "headers.Authorization", name: "NONE2" },
  ]);
  expect(names.get("headers.Authorization")).toEqual(["NONE2"]);
  const filled = { content, missing, names, warnings: [] };
  expect(["args", "tokens", "command", "port", "arg"].map((key) => refersTo(filled, key))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test("a variable may be in a file that NAME_FILE names", () => {
  const withFile = { A_FILE: import.meta.filename };
  expect(fillReferences(["${A}"], "", withFile).content[0]).toContain("a variable may be in a file");
  expect(() => fillReferences(["${A}"], "", { A_FILE: "/none" })).toThrow("A_FILE: cannot read /none (ENOENT)");
});

test("a question of VS Code is an error that says what to write", () => {
  expect(() => fillReferences({ K: "Bearer ${input:api-key}" }, "f: env.", env)).toThrow(
    "f: env.K: ${input:api-key} is filled in by VS Code alone: write ${API_KEY}, and set API_KEY in the environment",
  );
});

test.each([
  ["$HOME", "$HOME"],
  ["Bearer $API_KEY", "$API_KEY"],
  ["%APPDATA%\\npm", "%APPDATA%"],
  ["{env:TOKEN}", "{env:TOKEN}"],
  ["${{ secrets.TOKEN }}", "${{ secrets.TOKEN }}"],
  ["${file:/run/secret}", "${file:/run/secret}"],
  ["${A-default}", "${A-default}"],
])("%s looks like a reference, is passed on as it is, and is told", (text, shown) => {
  const { content, warnings } = fillReferences({ key: text }, "f: ", env);
  expect(content.key).toBe(text);
  expect(warnings).toEqual([`f: key: ${shown} is passed on as it is: a reference is written \${NAME}`]);
});

test.each(["pa$$WORD", "50%", "100%25ABC%20", "a$Bc", "$1.50", "https://a.example/%7Eme%7E/x"])(
  "%s is no reference",
  (text) => {
    expect(fill(text)).toMatchObject({ content: { key: text }, warnings: [] });
  },
);

test("what a shell fills itself is not told", () => {
  const entry = { command: "/bin/sh", args: ["-c", "exec server $HOME"], env: {} };
  expect(fillReferences(entry, "", env).warnings).toEqual([]);
  expect(fillReferences({ ...entry, command: "server" }, "", env).warnings).toHaveLength(1);
});
