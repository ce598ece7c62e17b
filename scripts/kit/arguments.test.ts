import { expect, test } from "vitest";
import { parseArguments, WrongUse } from "./arguments.ts";

const start = { json: "boolean" } as const;
const verify = { ...start, url: "string" } as const;

test("flags and names may stand in any order", () => {
  expect(parseArguments(["memory", "--json", "everything"], verify)).toEqual({
    help: false,
    values: { json: true, url: undefined },
    names: ["memory", "everything"],
  });
});

test("a flag takes its value, as verify does the hub's address", () => {
  expect(parseArguments(["--url", "http://localhost:3100"], verify).values.url).toBe("http://localhost:3100");
});

test("an unknown flag is answered with the list of flags", () => {
  expect(() => parseArguments(["--jsno"], start)).toThrow("Unknown option '--jsno'. There are: --help, --json.");
  expect(() => parseArguments(["--url", "x"], start)).toThrow("There are: --help, --json.");
  expect(() => parseArguments(["--jsno"], start)).toThrow(WrongUse);
});

test("a name is refused where none is taken", () => {
  expect(() => parseArguments(["a.b c"], start, false)).toThrow("Unexpected argument 'a.b c'. There are: --help");
});
