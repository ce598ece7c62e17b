import { expect, test } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const KNOWN = ["port", "host", "isolation", "idleTtl", "maxSessions", "mcpServers"];

test.each([
  ["prot", "port"],
  ["por", "port"],
  ["portt", "port"],
  ["PORT", "port"],
  ["HOSTT", "host"],
  ["hosts", "host"],
  ["isolaton", "isolation"],
  ["idle-ttl", "idleTtl"],
  ["idlettl", "idleTtl"],
  ["max_session", "maxSessions"],
  ["mcpserver", "mcpServers"],
])("%s most likely meant %s", (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

test.each(["", "x", "zzzz", "command", "somethingquitedifferent"])("%j is near to nothing", (word) => {
  expect(nearest(word, KNOWN)).toBeUndefined();
});

test("of several near words the nearest is meant, and of equally near ones the first", () => {
  expect(nearest("most", ["cost?", "host", "mos"])).toBe("host");
  expect(nearest("tokens", ["tokenss", "token", "tokens"])).toBe("tokens");
});

test("the hint is a question, and nothing where nothing is near", () => {
  expect(didYouMean("prot", KNOWN)).toBe(", did you mean port?");
  expect(didYouMean("zzzz", KNOWN)).toBe("");
  expect(didYouMean("prot", [])).toBe("");
});
