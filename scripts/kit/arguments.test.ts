import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

test("flags and names may stand in any order", () => {
  expect(parseArguments(["memory", "--json", "everything"], "start")).toEqual({
    help: false,
    json: true,
    url: undefined,
    names: ["memory", "everything"],
  });
});

test("verify takes the hub's address", () => {
  expect(parseArguments(["--url", "http://localhost:3100"], "verify").url).toBe("http://localhost:3100");
});

test("an unknown flag gets the list of those that there are", () => {
  expect(() => parseArguments(["--jsno"], "start")).toThrow("Unknown option '--jsno'. There are: --help, --json.");
  expect(() => parseArguments(["--url", "x"], "start")).toThrow("There are: --help, --json.");
});
