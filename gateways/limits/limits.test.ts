import { expect, test } from "vitest";
import { Limits, type LimitOptions } from "./limits.ts";

const OPTIONS: LimitOptions = {
  requests: { rate: { times: 1, per: 2 }, burst: 3 },
  sessionsPerMinute: 2,
  failedLoginsPerMinute: 2,
  exemptLoopback: false,
};
const at = (address: string, local = false) => ({ address, local });
const FAR = at("203.0.113.9");

const limited = (name = "rate-limited") => expect.objectContaining({ name, status: 429 });

function times(count: number, check: (index: number) => void): void {
  for (let index = 0; index < count; index++) check(index);
}

test("an address is limited whatever tokens it sends", () => {
  const limits = new Limits(OPTIONS);
  times(3, (index) => limits.admitRequest(FAR, `token ${index}`, "call"));
  expect(() => limits.admitRequest(FAR, "token 4", "call")).toThrow(limited());
  expect(() => limits.admitRequest(at("203.0.113.10"), "token 5", "call")).not.toThrow();
});

test("a token is limited whatever addresses it comes from", () => {
  const limits = new Limits(OPTIONS);
  times(3, (index) => limits.admitRequest(at(`203.0.113.${index}`), "token", "call"));
  expect(() => limits.admitRequest(at("203.0.113.99"), "token", "call")).toThrow(limited());
});

test("a principal named like an address has a bucket of its own", () => {
  const limits = new Limits(OPTIONS);
  times(3, (index) => limits.admitRequest(FAR, `token ${index}`, "call"));
  expect(() => limits.admitRequest(at("203.0.113.10"), FAR.address, "call")).not.toThrow();
});

test("a refusal says what the limit is and when to try again", () => {
  const limits = new Limits({
    ...OPTIONS,
    requests: { rate: { times: 100, per: 900 }, burst: 1 },
    sessionsPerMinute: 1,
  });
  limits.admitRequest(FAR, "token", "call");
  expect(() => limits.admitRequest(FAR, "token", "call")).toThrow(/the limit is 100 requests in 15 minutes\./);
  limits.admitSession(FAR, "token");
  expect(() => limits.admitSession(FAR, "token")).toThrow(/the limit is 1 new sessions a minute\./);
  expect(() => limits.admitSession(FAR, "token")).toThrow(
    expect.objectContaining({ retryAfter: expect.closeTo(60, 0) }),
  );
});

test("without a rate neither requests nor new sessions are limited", () => {
  const limits = new Limits({ ...OPTIONS, requests: undefined, sessionsPerMinute: 0 });
  expect(() => times(1_000, () => limits.admitRequest(FAR, "token", "call"))).not.toThrow();
  expect(() => times(1_000, () => limits.admitSession(FAR, "token"))).not.toThrow();
});

test("an address that opens too many sessions may still send requests, and other addresses may open sessions", () => {
  const limits = new Limits(OPTIONS);
  times(2, () => limits.admitSession(FAR, "token"));
  expect(() => limits.admitSession(FAR, "token")).toThrow(limited());
  expect(() => limits.admitRequest(FAR, "token", "call")).not.toThrow();
  expect(() => limits.admitSession(at("203.0.113.10"), "token")).not.toThrow();
});

test.each([
  [{ times: 50, per: 1 }, "50 requests a second"],
  [{ times: 1, per: 60 }, "1 requests a minute"],
  [{ times: 100, per: 900 }, "100 requests in 15 minutes"],
  [{ times: 9, per: 30 }, "9 requests in 30 seconds"],
  [{ times: 9, per: 3_600 }, "9 requests an hour"],
])("a rate is told as it was set: %j is %s", (rate, told) => {
  const limits = new Limits({ ...OPTIONS, requests: { rate, burst: 1 } });
  limits.admitRequest(FAR, "token", "call");
  expect(() => limits.admitRequest(FAR, "token", "call")).toThrow(`the limit is ${told}.`);
});

test("a request counts once, whether it opens a session or not", () => {
  const limits = new Limits({
    ...OPTIONS,
    sessionsPerMinute: 0,
    requests: { rate: { times: 100, per: 900 }, burst: 100 },
  });
  times(30, () => {
    limits.admitRequest(FAR, "token", "opening");
    limits.admitSession(FAR, "token");
  });
  times(70, () => limits.admitRequest(FAR, "token", "call"));
  expect(() => limits.admitRequest(FAR, "token", "call")).toThrow(limited());
  expect(() => limits.admitRequest(FAR, "token", "opening")).toThrow(limited());
});

test("failing again and again to open a session takes nothing from those that are open", () => {
  const limits = new Limits({ ...OPTIONS, requests: { rate: { times: 1, per: 1_000 }, burst: 10 } });
  times(10, () => limits.admitRequest(FAR, "token", "opening"));
  times(20, () => expect(() => limits.admitRequest(FAR, "token", "opening")).toThrow(limited()));
  times(10, () => limits.admitRequest(FAR, "token", "call"));
  expect(() => limits.admitRequest(FAR, "token", "call")).toThrow(limited());
});

test("many users behind one address open sessions each with their own limit", () => {
  const limits = new Limits(OPTIONS);
  times(10, (index) => limits.admitSession(FAR, `token ${index}`));
  expect(() => times(3, () => limits.admitSession(FAR, "token 0"))).toThrow(limited());
});

test("the exemption for this machine covers no other callers, and nobody behind a proxy on it", () => {
  const limits = new Limits({ ...OPTIONS, exemptLoopback: true });
  for (const own of [at("127.0.0.1", true), at("::1", true)]) {
    expect(() => times(100, () => limits.admitRequest(own, "token", "call"))).not.toThrow();
    expect(() => times(100, () => limits.admitSession(own, "token"))).not.toThrow();
    expect(limits.exempts(own)).toBe(true);
  }
  for (const other of [FAR, at("127.0.0.1")]) {
    expect(() => times(100, () => limits.admitRequest(other, "token", "call"))).toThrow(limited());
    expect(() => times(100, () => limits.admitSession(other, "token"))).toThrow(limited());
    expect(limits.exempts(other)).toBe(false);
  }
});

test("without the exemption, callers on this machine are limited like others", () => {
  const limits = new Limits(OPTIONS);
  expect(() => times(100, () => limits.admitRequest(at("127.0.0.1", true), "token", "call"))).toThrow(limited());
});

test("all addresses of an IPv6 /64 count as one, those of the next /64 do not", () => {
  const limits = new Limits(OPTIONS);
  const network = ["2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8::3:4:5:6", "2001:db8:0:0:1:2:3:4"];
  times(3, (index) => limits.admitRequest(at(network[index]!), `token ${index}`, "call"));
  expect(() => limits.admitRequest(at(network[3]!), "token 3", "call")).toThrow(limited());
  times(2, (index) => limits.admitSession(at(network[index]!), "token"));
  expect(() => limits.admitSession(at(network[3]!), "token")).toThrow(limited());
  times(2, (index) => limits.loginFailed(at(network[index]!)));
  expect(limits.loginFailed(at(network[3]!))).toMatchObject({ whose: "2001:db8:0:0::/64" });
  for (const other of ["2001:db8:0:1::1", "2001:db9::1", "::1"]) {
    expect(() => limits.admitRequest(at(other), `token of ${other}`, "call")).not.toThrow();
    expect(limits.loginFailed(at(other))).toBeUndefined();
  }
});

test("a batch takes as many tokens as it has messages, and a refused one costs the principal nothing", () => {
  const limits = new Limits({ ...OPTIONS, requests: { rate: { times: 1, per: 1_000 }, burst: 10 } });
  limits.admitRequest(FAR, "token", "call", 9);
  expect(() => limits.admitRequest(FAR, "token", "call", 2)).toThrow(limited());
  for (let tries = 0; tries < 20; tries++)
    expect(() => limits.admitRequest(FAR, "other", "call", 2)).toThrow(limited());
  limits.admitRequest(at("203.0.113.10"), "other", "call", 10);
});
