import { expect, test } from "vitest";
import { parseArguments, WrongUse } from "./arguments.ts";

const start = { json: "boolean" } as const;
const verify = { ...start, url: "string" } as const;

test("flags and names may stand in any order", () => {
  expect(parseArguments(["memory", "--json", "everything"], verify)).toEqual({
    help: false,
    values: { json: true },
    names: ["memory", "everything"],
  });
});

test("a flag takes its value, as verify does the hub's address", () => {
  expect(parseArguments(["--url", "http://localhost:3100"], verify).values.url).toBe("http://localhost:3100");
});

test("an unknown flag is answered with the nearest one, or the list", () => {
  expect(() => parseArguments(["--jsno"], start)).toThrow("--jsno is not a flag. Did you mean --json?");
  expect(() => parseArguments(["--url", "x"], start)).toThrow("--url is not a flag. There are: --json, --help");
  expect(() => parseArguments(["-x"], start)).toThrow("-x is not a flag. There are:");
  expect(() => parseArguments(["--jsno"], start)).toThrow(WrongUse);
});

test("a name is refused where none is taken", () => {
  expect(() => parseArguments(["a.b c"], start, { takesNames: false })).toThrow("got a.b c, expected no names here");
});

test.each([
  [["--url"], "--url: expected a value"],
  [["--url", ""], "--url: expected a value"],
  [["--url", "--json"], "--url: expected a value"],
  [["--json=yes"], "--json: got yes, expected no value"],
])("%j is told what is missing or too much", (argv, message) => {
  expect(() => parseArguments(argv, verify)).toThrow(message);
});

test("after -- there are only names, and -h is --help", () => {
  expect(parseArguments(["--", "--json"], start).names).toEqual(["--json"]);
  expect(parseArguments(["-h"], start).help).toBe(true);
});

test.each(["", "  "])("a name that is %j is a variable that is not set, and never stands for all", (name) => {
  expect(() => parseArguments([name], start)).toThrow(new WrongUse('got "", expected a name'));
});

test("of a flag with two values neither is overlooked; the same one twice is one", () => {
  expect(() => parseArguments(["--url", "http://a", "--url=http://b"], verify)).toThrow(
    new WrongUse("--url: got http://a and http://b, expected one of them"),
  );
  expect(parseArguments(["--json", "--json", "--url", "x", "--url", "x"], verify).values).toEqual({
    json: true,
    url: "x",
  });
});
