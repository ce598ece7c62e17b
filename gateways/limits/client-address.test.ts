import { expect, test } from "vitest";
import { clientAddress, isLoopback, proxyList } from "./client-address.ts";

const TRUSTED = proxyList(["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"]);
const CLIENT = "203.0.113.9";

test("the headers of an untrusted address are not believed", () => {
  const headers = { "x-forwarded-for": "127.0.0.1", "cf-connecting-ip": "127.0.0.1" };
  expect(clientAddress(CLIENT, headers, TRUSTED)).toBe(CLIENT);
  expect(clientAddress("127.0.0.1", headers, proxyList([]))).toBe("127.0.0.1");
  expect(clientAddress("192.0.2.8", { "x-forwarded-for": "1.1.1.1" }, TRUSTED)).toBe("192.0.2.8");
});

test("a trusted proxy that sends no header is itself the client", () => {
  expect(clientAddress("10.0.0.1", {}, TRUSTED)).toBe("10.0.0.1");
  expect(clientAddress("10.0.0.1", { "x-forwarded-for": " , " }, TRUSTED)).toBe("10.0.0.1");
});

test.each(["10.1.2.3", "192.0.2.7", "fd00::5", "::1", "::ffff:10.0.0.1"])(
  "the trusted proxy %s is believed about its client",
  (proxy) => {
    expect(clientAddress(proxy, { "x-forwarded-for": CLIENT }, TRUSTED)).toBe(CLIENT);
  },
);

test("addresses that the client wrote into X-Forwarded-For itself are ignored", () => {
  const spoofed = { "x-forwarded-for": `127.0.0.1, 1.1.1.1,${CLIENT}, 10.0.0.2` };
  expect(clientAddress("10.0.0.1", spoofed, TRUSTED)).toBe(CLIENT);
});

test("when all hops are trusted proxies, the first is the client", () => {
  expect(clientAddress("10.0.0.1", { "x-forwarded-for": "10.0.0.9, 10.0.0.2" }, TRUSTED)).toBe("10.0.0.9");
});

test("X-Forwarded-For takes precedence over Cloudflare's header, which a client could have written", () => {
  const headers = { "cf-connecting-ip": "1.1.1.1", "x-forwarded-for": CLIENT };
  expect(clientAddress("10.0.0.1", headers, TRUSTED)).toBe(CLIENT);
});

test.each([`${CLIENT}:5555`, `[2001:db8::1]:5555`, "[2001:db8::1]"])(
  "a port in X-Forwarded-For is not part of the address: %s",
  (hop) => {
    const expected = hop.startsWith("[") ? "2001:db8::1" : CLIENT;
    expect(clientAddress("10.0.0.1", { "x-forwarded-for": hop }, TRUSTED)).toBe(expected);
  },
);

test("an IPv4 address that came over IPv6 is the same client as over IPv4", () => {
  expect(clientAddress(`::ffff:${CLIENT}`, {}, TRUSTED)).toBe(CLIENT);
  expect(clientAddress("10.0.0.1", { "x-forwarded-for": `::ffff:${CLIENT}` }, TRUSTED)).toBe(CLIENT);
  expect(clientAddress("10.0.0.1", { "cf-connecting-ip": `::ffff:${CLIENT}` }, TRUSTED)).toBe(CLIENT);
});

test("an IPv6 client does not match a trusted range of IPv4", () => {
  expect(clientAddress("10.0.0.1", { "x-forwarded-for": "2001:db8::1, fd00::2" }, TRUSTED)).toBe("2001:db8::1");
});

test("nonsense in a header or as the remote address does not throw", () => {
  for (const text of ["unknown", "_hidden", "1.2.3.4:5678", "[::1]:80", "::ffff:7f00:1", "999.1.1.1", "é", ",,,"]) {
    expect(typeof clientAddress("10.0.0.1", { "x-forwarded-for": text }, TRUSTED)).toBe("string");
  }
  expect(clientAddress("", { "x-forwarded-for": "1.1.1.1" }, TRUSTED)).toBe("");
  expect(clientAddress("fe80::1%eth0", {}, TRUSTED)).toBe("fe80::1%eth0");
});

test.each(["evil", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "", "10.0.0", "10.0.0.1:80"])(
  "the trusted proxy %j is refused, naming the value and what was expected",
  (range) => {
    expect(() => proxyList([range])).toThrow(`got ${range}, expected an address or a range`);
  },
);

test("only this machine's own addresses are loopback, in both families", () => {
  const own = ["127.0.0.1", "127.8.9.10", "::1"];
  const foreign = ["", "0.0.0.0", "::", "128.0.0.1", "1.127.0.1", "::2", "1270::1"];
  expect([...own, ...foreign].filter(isLoopback)).toEqual(own);
});
