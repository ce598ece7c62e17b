import { expect, test } from "vitest";
import { readable, whyEnded } from "./gateway.ts";

test.each([
  ['{"level":"info","msg":"listening"}', "listening"],
  ['{"level":"error","msg":"uncaught","err":{"message":"boom"}}', "uncaught: boom"],
  ['{"level":"warn","msg":"server did not start","reason":"exit code 1"}', "server did not start: exit code 1"],
  ["gangway: port 3000 is taken by node (pid 1): stop it", "port 3000 is taken by node (pid 1): stop it"],
  ["not JSON", "not JSON"],
])("the log line %s is read as %j", (line, expected) => {
  expect(readable(line)).toBe(expected);
});

test.each([
  ["SIGKILL", [""], "the gateway was ended by SIGKILL, and its log is empty"],
  ["SIGKILL", ['{"level":"info","msg":"a"}', ""], "the gateway was ended by SIGKILL. The last lines of its log:\na"],
  [1, ["gangway: no"], "the gateway has ended. The last lines of its log:\nno"],
])("a gateway that has ended with %s and wrote %j is told as %j", (end, lastLines, expected) => {
  expect(whyEnded({ end, lastLines })).toBe(expected);
});
