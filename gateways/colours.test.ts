import { expect, test } from "vitest";
import { showsColours } from "./colours.ts";

const terminal = { isTTY: true };

test.each([
  ["a terminal", terminal, {}, true],
  ["a pipe", {}, {}, false],
  ["a terminal that knows none", terminal, { TERM: "dumb" }, false],
  ["a terminal, where NO_COLOR is set", terminal, { NO_COLOR: "1" }, false],
  ["a terminal, where NO_COLOR is empty", terminal, { NO_COLOR: "" }, true],
  ["a pipe, where FORCE_COLOR is set", {}, { FORCE_COLOR: "1" }, true],
  ["a terminal, where FORCE_COLOR is 0", terminal, { FORCE_COLOR: "0" }, false],
  ["a pipe, where both are set", {}, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
])("%s: colours are shown only where they are wanted", (_, stream, env, expected) => {
  expect(showsColours(stream, env)).toBe(expected);
});
