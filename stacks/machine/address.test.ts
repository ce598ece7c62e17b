import { expect, test } from "vitest";
import { destinationOf, readMachine, shownMachine } from "./address.ts";

test.each([
  ["root@203.0.113.5", { user: "root", host: "203.0.113.5" }, "root@203.0.113.5"],
  ["root@203.0.113.5:2222", { user: "root", host: "203.0.113.5", port: 2222 }, "root@203.0.113.5"],
  ["ubuntu@box.example.org", { user: "ubuntu", host: "box.example.org" }, "ubuntu@box.example.org"],
  ["my_box", { host: "my_box" }, "my_box"],
  ["root@[2001:db8::1]:22", { user: "root", host: "2001:db8::1", port: 22 }, "root@2001:db8::1"],
])("%s is a machine, and is written the same way", (text, expected, destination) => {
  const machine = readMachine(text)!;
  expect(machine).toEqual({ user: undefined, port: undefined, ...expected });
  expect(destinationOf(machine)).toBe(destination);
  expect(shownMachine(machine)).toBe(text);
});

test.each([
  "",
  "root@",
  "@box",
  "ssh://root@box",
  "root@box:0",
  "root@box:70000",
  "root@box:ssh",
  "root:secret@box",
  "root@2001:db8::1",
  "root@box/path",
  "-oProxyCommand=true",
  "root@-oProxyCommand=true",
  "root@box; true",
  "root@$(true)",
])("%s is none", (text) => {
  expect(readMachine(text)).toBeUndefined();
});
