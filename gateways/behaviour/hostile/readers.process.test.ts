/**
 * Differential fuzz: what the gateway sends on is read by the JSON readers of Node, Python and Go, and each must find in it
 * what the gateway found, or the gateway has refused it. `npm run fuzz` does more of it; FUZZ_SEED repeats a run.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { asC, asGo, parseLoosely, type Loose } from "../../fixtures/loose-json.ts";
import { messageLike } from "../../fixtures/message-generator.ts";
import { randomNumbers } from "../../fixtures/random.ts";
import { carriedBy, stringIn, tokenOf, withId } from "../../jsonrpc.ts";
import { readMessages } from "../../transports/body.ts";

const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 5_000);
const seed = Number(process.env["FUZZ_SEED"] ?? (process.env["FUZZ_ROUNDS"] ? Date.now() % 2 ** 31 : 1));

/** What decides about a message: method, id, name, URI and progress token; null for a missing value, or one of another type. */
type Reading = readonly unknown[];

const plain = (value: unknown) => (typeof value === "string" || typeof value === "number" ? value : null);

function readingOf(value: Loose): Reading {
  const params = (value["params"] ?? {}) as Loose;
  const meta = (params["_meta"] ?? {}) as Loose;
  const token = meta["progressToken"] ?? meta["progresstoken"];
  return [value["method"], value["id"], params["name"], params["uri"], token].map(plain);
}

/** A line as a server gets it, and what the gateway has read in it. */
function sentOn(text: string): { line: string; read: Reading } | undefined {
  try {
    const [message] = readMessages(Buffer.from(text)).messages;
    if (!message) return undefined;
    const token = tokenOf(message);
    const [name, uri] = ["name", "uri"].map((key) => stringIn(message.text, message.params, key) ?? null);
    const line = Buffer.from(withId(message, "42", carriedBy(message)), "latin1").toString();
    const raw = token && Buffer.from(message.text.slice(token.start, token.end), "latin1").toString();
    return { line, read: [message.method, 42, name, uri, raw === undefined ? null : plain(JSON.parse(raw))] };
  } catch {
    return undefined; // refused
  }
}

const random = randomNumbers(seed);
const sent = Array.from({ length: rounds }, () => sentOn(messageLike(random))).filter((one) => one !== undefined);
const lines = sent.map(({ line }) => line);

function expectSame(readings: readonly Reading[]): void {
  expect(readings).toHaveLength(sent.length);
  for (const [index, { line, read }] of sent.entries()) expect(readings[index], `seed ${seed}: ${line}`).toEqual(read);
}

/** The readings of a program that reads lines and writes one JSON array for each. */
function readBy(command: string, args: readonly string[]): readonly Reading[] {
  const { stdout, stderr } = spawnSync(command, args, {
    input: `${lines.join("\n")}\n`,
    maxBuffer: 2 ** 30,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Reading);
}

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasPython = has("python3", "--version");
const hasGo = has("go", "version");
if (!hasPython) console.log("skipped: Python's reader; install python3");
if (!hasGo) console.log("skipped: Go's reader; install go");

test(`of ${rounds} messages with seed ${seed} some are sent on and some refused, each as one line`, () => {
  expect(sent.length).toBeGreaterThan(rounds / 20);
  expect(sent.length).toBeLessThan(rounds * 0.9);
  for (const line of lines) expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
});

test("Node reads what the gateway has read", () => {
  expectSame(lines.map((line) => readingOf(JSON.parse(line) as Loose)));
});

test("readers that fold keys or cut them at a NUL read what the gateway has read", () => {
  for (const compared of [asGo, asC]) expectSame(lines.map((line) => readingOf(parseLoosely(line, compared))));
});

const PYTHON = `
import json, sys
def plain(value): return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
def within(value): return value if isinstance(value, dict) else {}
for line in sys.stdin.buffer.read().decode().splitlines():
    message = json.loads(line)
    params = within(message.get("params"))
    meta = within(params.get("_meta"))
    print(json.dumps([plain(x) for x in (message.get("method"), message.get("id"), params.get("name"), params.get("uri"), meta.get("progressToken"))]))
`;

test.skipIf(!hasPython)("Python, splitting lines as splitlines does, reads what the gateway has read", () => {
  expectSame(readBy("python3", ["-c", PYTHON]));
});

const GO = `package main
import ("bufio"; "encoding/json"; "os")
type message struct {
  Method any \`json:"method"\`
  ID any \`json:"id"\`
  Params struct {
    Name any \`json:"name"\`
    URI any \`json:"uri"\`
    Meta struct { Token any \`json:"progressToken"\` } \`json:"_meta"\`
  } \`json:"params"\`
}
func plain(value any) any {
  switch value.(type) { case string, float64: return value }
  return nil
}
func main() {
  in := bufio.NewScanner(os.Stdin)
  in.Buffer(nil, 1 << 24)
  out := json.NewEncoder(os.Stdout)
  for in.Scan() {
    var m message
    if err := json.Unmarshal(in.Bytes(), &m); err != nil { out.Encode([]any{err.Error()}); continue }
    out.Encode([]any{plain(m.Method), plain(m.ID), plain(m.Params.Name), plain(m.Params.URI), plain(m.Params.Meta.Token)})
  }
}
`;

test.skipIf(!hasGo)("Go, which folds keys, reads what the gateway has read", () => {
  const folder = mkdtempSync(join(tmpdir(), "reader-"));
  writeFileSync(join(folder, "reader.go"), GO);
  const env = { ...process.env, GOCACHE: join(folder, "cache"), GOFLAGS: "", GO111MODULE: "off" };
  execFileSync("go", ["build", "-o", join(folder, "reader"), join(folder, "reader.go")], { env, stdio: "ignore" });
  expectSame(readBy(join(folder, "reader"), []));
});
