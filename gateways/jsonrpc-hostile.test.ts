/** jsonrpc.ts against hostile or broken input: random damage, and texts that invite quadratic work. */
import { randomNumbers } from "./fixtures/random.ts";
import { expect, test } from "vitest";
import { timesAsLong } from "./fixtures/duration.ts";
import { elements, find, readMessage } from "./jsonrpc.ts";

const SEEDS = [
  '{"jsonrpc":"2.0","id":"init-1","method":"initialize","params":{"a":[1,{"id":2}],"_meta":{"progressToken":"p\\"q"}}}',
  '{"result":{"content":[{"type":"text","text":"\\\\\\" } ] \\u0041"}],"id":3},"id":9007199254740993,"jsonrpc":"2.0"}',
  ' {"jsonrpc" : "2.0","method":"notifications\\/progress", "params" :{"progressToken":-1.5e3, "x":[[],{}]} }',
  '{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"\\\\","data":null}}',
];
const PIECES = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  " ",
  "\n",
  "1",
  "-",
  "null",
  '"id"',
  '"method":"x"',
  '"result":',
];

function damaged(text: string, random: (below: number) => number): string {
  for (let times = random(3) + 1; times > 0; times--) {
    const at = random(text.length + 1);
    const piece = random(3) === 0 ? "" : (PIECES[random(PIECES.length)] as string);
    text = text.slice(0, at) + piece + text.slice(at + random(4));
  }
  return text;
}

/** How JSON.parse reads a message; "no JSON" when it cannot. */
function expected(text: string): unknown {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return "no JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || value["jsonrpc"] !== "2.0")
    return undefined;
  if (Object.keys(value).some((key) => /\p{Cc}/u.test(key))) return undefined;
  const { id } = value;
  const method = typeof value["method"] === "string" ? value["method"] : "";
  const answered = "result" in value || "error" in value;
  if (id !== undefined && typeof id !== "string" && typeof id !== "number") return undefined;
  if (answered === (method !== "") || (answered && id === undefined)) return undefined;
  return { kind: answered ? "response" : id === undefined ? "notification" : "request", id, method };
}

test("20,000 damaged messages are each read as JSON.parse reads them, or rejected without throwing", () => {
  const random = randomNumbers(20_251_125);
  let valid = 0;
  for (let index = 0; index < 20_000; index++) {
    const text = damaged(SEEDS[index % SEEDS.length] as string, random);
    const message = readMessage(text);
    elements(text);
    find(text, 0, "params", "_meta", "progressToken");
    const wanted = expected(text);
    if (wanted === "no JSON") continue;
    valid++;
    const id = message?.id === undefined ? undefined : (JSON.parse(message.id) as unknown);
    expect(message && { kind: message.kind, id, method: message.method }, `reading ${text}`).toEqual(wanted);
  }
  expect(valid).toBeGreaterThan(1_000);
});

test("a message that is cut off anywhere is rejected", () => {
  for (const seed of SEEDS.map((text) => text.trim())) {
    for (let end = 0; end < seed.length; end++)
      expect(readMessage(seed.slice(0, end)), `cut at ${end}: ${seed}`).toBeUndefined();
    expect(readMessage(seed)).toBeDefined();
  }
});

test("a hundred thousand open brackets neither overflow the stack nor hang", () => {
  for (const bracket of ["[", "{", '{"a":']) {
    expect(readMessage(`{"jsonrpc":"2.0","id":1,"result":${bracket.repeat(100_000)}`)).toBeUndefined();
  }
});

const MB = 1024 * 1024;

test.each([
  ["one long string", (size: number) => `"${"x".repeat(size)}"`],
  ["backslashes", (size: number) => `"${"\\\\".repeat(size / 2)}"`],
  ["escaped quotes", (size: number) => `"${'\\"'.repeat(size / 2)}"`],
  ["a string without end", (size: number) => `"${'\\"'.repeat(size / 2)}`],
  ["many numbers", (size: number) => `[${"1,".repeat(size / 2)}1]`],
  ["deep nesting", (size: number) => "[".repeat(size / 2) + "]".repeat(size / 2)],
  ["white space", (size: number) => `${" ".repeat(size)}1`],
])("reading a message with %s takes time linear in its length", (_, value) => {
  const reading = (size: number) => {
    const text = Buffer.from(`{"jsonrpc":"2.0","result":${value(size)},"id":1}`).toString("latin1");
    return () => void readMessage(text);
  };
  expect(timesAsLong(reading(8 * MB), reading(MB), 24)).toBeLessThan(24); // linear is 8 times, quadratic 64 times
});
