import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import {
  commandLine,
  count,
  delay,
  duration,
  flag,
  list,
  oneOf,
  origins,
  port,
  rate,
  size,
  text,
  variables,
} from "./units.ts";
import { patterns } from "./patterns.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["15m", 900_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["1.5s", 1_500],
  [" 1s ", 1_000],
])("the duration %j is %i ms", (written, milliseconds) => {
  expect(duration(written)).toBe(milliseconds);
});

test.each([
  ["4096", 4_096],
  ["0", 0],
  ["64KiB", 65_536],
  ["64 KiB", 65_536],
  ["10MiB", 10_485_760],
  ["1GiB", 1_073_741_824],
  ["1.5MiB", 1_572_864],
  ["10kb", 10_000],
  ["10 MB", 10_000_000],
  ["7B", 7],
])("the size %j is %i bytes", (written, bytes) => {
  expect(size(written)).toBe(bytes);
});

test.each([
  ["50", 50],
  ["50/s", 50],
  ["100/15m", 100 / 900],
  ["60/m", 1],
  ["10/500ms", 20],
  ["0", 0],
  ["0/s", 0],
])("the rate %j is %d a second", (written, perSecond) => {
  const { times, per } = rate(written);
  expect(times / per).toBeCloseTo(perSecond);
});

test.each([
  [duration, ["", "5", "s", "-1s", "1 s", "1w", "1e3s", "1s2", "Infinitys", "1,5s"], "a duration such as"],
  [size, ["", "x", "-1", "1TiB", "1KiBs", "0x10", "MiB"], "a size such as"],
  [rate, ["", "x", "-1/s", "1.5/s", "/s", "100 / 15m"], "a rate such as"],
  [count(1), ["", "0", "-1", "1.5", "1e3", "0x10", "x", "9007199254740993"], "a whole number of at least 1"],
  [port, ["", "-1", "65536", "80.5", "http"], "a whole number from 0 to 65535"],
  [flag, ["maybe", "2", "TRUE!"], "true or false"],
  [oneOf("a", "b"), ["", "A", "c", "a "], "one of a, b"],
  [text, ["", "  "], "some text"],
  [commandLine, ["", "  "], "a command line"],
] as const)("%o says what it got and what it expected", (read, wrong, expected) => {
  for (const written of wrong)
    expect(() => read(written)).toThrow(`got ${JSON.stringify(written)}, expected ${expected}`);
});

test("the bounds of a count are part of it", () => {
  expect([count(1)("1"), count(1)(" 12 "), port("0"), port("65535")]).toEqual([1, 12, 0, 65_535]);
});

test("a flag is written in several ways, and alone it is true", () => {
  expect(["true", "1", "yes", "On", ""].map(flag)).toEqual([true, true, true, true, true]);
  expect(["false", "0", "no", "OFF"].map(flag)).toEqual([false, false, false, false]);
});

test("words and texts are taken as they are, and white space around numbers is not", () => {
  expect([oneOf("a", "b")("b"), text(" x "), rate(" 5/s "), size(" 1KiB ")]).toEqual([
    "b",
    " x ",
    { times: 5, per: 1 },
    1_024,
  ]);
});

test("a list is separated by commas, white space or both", () => {
  expect(list(" a,b , c\n\td,,")).toEqual(["a", "b", "c", "d"]);
  expect(list("")).toEqual([]);
});

test("patterns for tools are a list", () => {
  expect(patterns("read_*, !delete_*\nget-sum a.b/c:d ?x über_*")).toEqual([
    "read_*",
    "!delete_*",
    "get-sum",
    "a.b/c:d",
    "?x",
    "über_*",
  ]);
});

test.each(["", " , ", "!", "! delete_*", "!!x", "a!b", "get_[ab]", "{a,b}", "(a|b)", "^a$", "a\\*"])(
  "%j is refused as patterns for tools: it would match nothing, or could mean all and none",
  (written) => {
    expect(() => patterns(written)).toThrow(
      /expected names of tools such as read_\* or !delete_\*, with \* and \? alone/,
    );
  },
);

test("origins are taken as browsers send them, those of apps and extensions too", () => {
  const sent = ["https://a.example", "http://localhost:3000", "http://[::1]:8080", "https://xn--bcher-kva.example"];
  const others = ["chrome-extension://abcdef", "vscode-webview://1a2b", "app://obsidian.md", "*"];
  expect(origins([...sent, ...others].join(", "))).toEqual([...sent, ...others]);
});

test.each([
  ["https://a.example/", "https://a.example"],
  ["https://a.example/page?x#y", "https://a.example"],
  ["HTTPS://A.Example", "https://a.example"],
  ["https://a.example:443", "https://a.example"],
  ["http://a.example:80", "http://a.example"],
  ["https://user@a.example", "https://a.example"],
  ["https://bücher.example", "https://xn--bcher-kva.example"],
  ["a.example", "https://app.example.org"],
  ["localhost:3000", "https://app.example.org"],
  ["//a.example", "https://app.example.org"],
  ["https://*.a.example", "https://app.example.org"],
  ["*.a.example", "https://app.example.org"],
  ["https://", "https://app.example.org"],
  ["file://", "https://app.example.org"],
  ["null", "https://app.example.org"],
])("the origin %s, which no page has to itself, is refused with one that could be meant: %s", (written, meant) => {
  const expected = `got "${written}", expected scheme and host alone, as a browser sends them: ${meant}`;
  expect(() => origins(`https://fine.example,${written}`)).toThrow(expect.objectContaining({ message: expected }));
});

test.each(["0s", "0ms", "25d", "1000h"])("%s is refused as a duration: a timer would fire at once", (written) => {
  expect(() => duration(written)).toThrow(/expected|at most/);
});

test("a delay may be zero", () => {
  expect(delay("0s")).toBe(0);
  expect(() => delay("30d")).toThrow("at most 24d");
});

test("a variable with a value has a line of its own, names may share one, and a value may be anything", () => {
  expect(variables("A,B, C\nD=read,write\nE")).toEqual(["A", "B", "C", "D=read,write", "E"]);
  expect(variables("A=x=y,1;z\nB=\n")).toEqual(["A=x=y,1;z", "B="]);
  expect(variables("")).toEqual([]);
});

const SAME_AS_SHELL = [
  "npx -y @modelcontextprotocol/server-memory",
  "  node   'a b.js'\t--x  ",
  `node "a b" 'c"d' "e'f"`,
  String.raw`a\ b "c\"d" 'e\f' "g\h" "\\"`,
  `a"b"'c'd`,
  `a '' "" b`,
  String.raw`a \\ \" \'`,
  "a --x=1,2 @b/c:d %e +f",
];

test.each(SAME_AS_SHELL)("%j is split as a shell splits it", (line) => {
  const shell = spawnSync("sh", ["-c", String.raw`for word in ${line}; do printf '%s\n' "$word"; done`], {
    encoding: "utf8",
  });
  expect(commandLine(line)).toEqual(shell.stdout.split("\n").slice(0, -1));
});

test.each(["a | b", "a && b", "a; b", "a > b", "a < b", "a $HOME", "a `b`", "(a)", "'a b'|c", "a &"])(
  "%j is given to a shell",
  (line) => {
    expect(commandLine(line)).toEqual(["sh", "-c", line]);
  },
);

test("what is special to a shell is not when it is quoted", () => {
  expect(commandLine(String.raw`a '|' '$HOME' \; "&"`)).toEqual(["a", "|", "$HOME", ";", "&"]);
});

test.each(["a 'b", 'a "b', "a\\", `"a'`, "'"])("%j is refused, for a quote in it is not closed", (line) => {
  expect(() => commandLine(line)).toThrow(/quotes are closed/);
});
