import { expect, test } from "vitest";
import { readable } from "./gateway.ts";

test.each([
  ['{"level":"info","msg":"listening"}', "listening"],
  ['{"level":"error","msg":"uncaught","err":{"message":"boom"}}', "uncaught: boom"],
  ['{"level":"warn","msg":"server did not start","reason":"exit code 1"}', "server did not start: exit code 1"],
  ["gangway: port 3000 is taken by node (pid 1): stop it", "port 3000 is taken by node (pid 1): stop it"],
  ["not JSON", "not JSON"],
])("the log line %s is read as %j", (line, expected) => {
  expect(readable(line)).toBe(expected);
});
