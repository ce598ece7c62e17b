/** Every command in the documents is either run by a suite, or its words are checked here and it is said why that is all. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readArguments } from "../gateways/config/flags.ts";
import { type Flags, parseArguments } from "../scripts/kit/arguments.ts";
import type { Verb } from "../scripts/kit/verb.ts";
import { services } from "../stacks/services.ts";
import { commandsOf, documents, root } from "./documents.ts";
import { BESIDE_START, CURL, SERVES } from "./documented.ts";

const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

/** `think` is the documents' example of a service that is added; the authorization server has releases like one. */
const SERVICES: readonly string[] = [...Object.keys(services), "think", "auth"];
const STACKS: readonly string[] = ["local", "edge", "services"];
const CDKTF: readonly string[] = ["synth", "diff", "deploy", "destroy"];

/** What no suite runs as it is printed: how its words are checked, or why nobody here can. */
const CHECKED: readonly (readonly [what: RegExp, check: (words: readonly string[]) => unknown])[] = [
  // It needs no project, and in a folder without one npx would take `gangway` for another package.
  [/^npx gangway-mcp -/, ([, , ...words]) => readArguments(words)],
  [/^npx gangway(?:-mcp)? \w/, ([, , verb = "", ...words]) => verbOf(verb, words)],
  [/^npx (gangway(-mcp)?|cdktf)$/, () => {}],
  [
    /^npx cdktf /,
    ([, , verb, ...stacks]) => [
      expect(CDKTF).toContain(verb),
      ...stacks.map((stack) => expect(STACKS).toContain(stack)),
    ],
  ],
  [/^npx vitest /, ([, , ...words]) => suiteOf(words)],
  [/^npx tsc /, ([, , ...words]) => expect(existsSync(join(root, words.at(-1)!))).toBe(true)],
  [
    /^npm run (?:--silent |-s )?[\w:]+/,
    ([, , ...words]) => expect(Object.keys(scripts)).toContain(words.find((word) => !word.startsWith("-"))),
  ],
  [/^npm start( -- .*)?$/, ([, , , ...words]) => verbOf("start", words)],
  [/^npm (ci|test|install|update)\b/, () => {}],
  [/^npm create gangway-mcp( \S+| -- --help)?$/, () => {}],
  [/^(bash|sh) (\.ci\/\w+)/, ([, file = ""]) => expect(existsSync(join(root, file))).toBe(true)],
  [/^node (\S+\.ts)/, ([, file = ""]) => expect(existsSync(join(root, file))).toBe(true)],
];

/** What a suite runs as it is printed. */
const RUN = [...BESIDE_START, ...SERVES];

/** Programs and places that are not ours. */
const ELSEWHERE: readonly (readonly [what: RegExp, why: string])[] = [
  [/^(claude|code|codex|gemini) /, "a client's own program"],
  [/^(cd|cp|export|echo) |^\w+=/, "the shell's"],
  [/^(ssh-add|ssh-keygen) /, "the reader's own key"],
  [/^(docker|terraform) /, "needs a deployment"],
  [/^git (tag|push) /, "publishes"],
  [
    /^(echo .* \| )?uvx? /,
    "needs uv; the locks of the catalog were made so, and postgres-mcp is tested as pip installs it",
  ],
  [/^openssl /, "not ours"],
];

const commands = documents().flatMap(commandsOf);

test.each(commands)("$document: $text", async ({ document, text }) => {
  if (document === CURL.document && text.startsWith("curl ")) return; // run, together with what comes before it
  if (ELSEWHERE.some(([what]) => what.test(text))) return;
  const checked = CHECKED.find(([what]) => what.test(text));
  expect(checked, "no suite runs it, and nothing here checks it").toBeDefined();
  await checked![1](words(text));
});

test("the interop suite runs what the documents say", () => {
  for (const { document, text } of RUN) expect(commands).toContainEqual({ document, text });
});

test("a command of ours that nobody checks is found", () => {
  expect(
    ["pip install gangway", "npx gangway --port 9000", "npm stop", "curl http://127.0.0.1"].filter(isChecked),
  ).toEqual([]);
});

const isChecked = (text: string) => [...CHECKED, ...ELSEWHERE].some(([what]) => what.test(text));

/** The verb exists, and takes these flags and names. */
async function verbOf(name: string, typed: readonly string[]): Promise<void> {
  if (name === "help") return;
  const file = join(root, "scripts", `${name}.ts`);
  expect(existsSync(file), `scripts/${name}.ts`).toBe(true);
  const verb = ((await import(file)) as Record<string, Verb<Flags> | undefined>)[name]!;
  const { names } = parseArguments(typed, verb.flags ?? {}, verb.takesNames ?? false);
  const known = ["plan", "deploy"].includes(name) ? STACKS : SERVICES;
  if (["plan", "deploy", "start", "rollback"].includes(name))
    for (const one of names.filter((each) => !each.startsWith("<"))) expect(known).toContain(one);
}

function suiteOf(typed: readonly string[]): void {
  const config = readFileSync(join(root, ".config/vitest.config.ts"), "utf8");
  const project = typed[typed.indexOf("--project") + 1];
  expect(typed).toContain(".config/vitest.config.ts");
  expect(config).toContain(`name: "${project}"`);
}

/** As a shell would split it. */
function words(text: string): string[] {
  return Array.from(
    text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
