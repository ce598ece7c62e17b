import { expect, test, vi } from "vitest";
import { Limits, type LimitOptions } from "./limits.ts";

const OPTIONS: LimitOptions = {
  requests: { perSecond: 0.5, burst: 3 },
  sessionsPerMinute: 2,
  failedLoginsPerMinute: 2,
  exemptLoopback: false,
};
const FAR = "203.0.113.9";

const limited = (name = "rate-limited") => expect.objectContaining({ name, status: 429 });

function times(count: number, check: (index: number) => void): void {
  for (let index = 0; index < count; index++) check(index);
}

test("an address is limited whatever tokens it sends", () => {
  const limits = new Limits(OPTIONS);
  times(3, (index) => limits.admitRequest(FAR, `token ${index}`, "session"));
  expect(() => limits.admitRequest(FAR, "token 4", "session")).toThrow(limited());
  expect(() => limits.admitRequest("203.0.113.10", "token 5", "session")).not.toThrow();
});

test("a token is limited whatever addresses it comes from", () => {
  const limits = new Limits(OPTIONS);
  times(3, (index) => limits.admitRequest(`203.0.113.${index}`, "token", "session"));
  expect(() => limits.admitRequest("203.0.113.99", "token", "session")).toThrow(limited());
});

test("a principal named like an address has a bucket of its own", () => {
  const limits = new Limits(OPTIONS);
  times(3, (index) => limits.admitRequest(FAR, `token ${index}`, "session"));
  expect(() => limits.admitRequest("203.0.113.10", FAR, "session")).not.toThrow();
});

test("a refusal says what the limit is and when to try again", () => {
  const limits = new Limits({ ...OPTIONS, requests: { perSecond: 1 / 9, burst: 1 }, sessionsPerMinute: 1 });
  limits.admitRequest(FAR, "token", "session");
  expect(() => limits.admitRequest(FAR, "token", "session")).toThrow(/the limit is 0\.111 requests a second\./);
  limits.admitSession(FAR);
  expect(() => limits.admitSession(FAR)).toThrow(/the limit is 1 new sessions a minute\./);
  expect(() => limits.admitSession(FAR)).toThrow(expect.objectContaining({ retryAfter: expect.closeTo(60, 0) }));
});

test("without a rate neither requests nor new sessions are limited", () => {
  const limits = new Limits({ ...OPTIONS, requests: undefined, sessionsPerMinute: 0 });
  expect(() => times(1_000, () => limits.admitRequest(FAR, "token", "session"))).not.toThrow();
  expect(() => times(1_000, () => limits.admitSession(FAR))).not.toThrow();
});

test("an address that opens too many sessions may still send requests, and other addresses may open sessions", () => {
  const limits = new Limits(OPTIONS);
  times(2, () => limits.admitSession(FAR));
  expect(() => limits.admitSession(FAR)).toThrow(limited());
  expect(() => limits.admitRequest(FAR, "token", "session")).not.toThrow();
  expect(() => limits.admitSession("203.0.113.10")).not.toThrow();
});

test("only failed logins count, and after too many of them the address must wait", () => {
  const limits = new Limits(OPTIONS);
  times(100, () => limits.admitLogin(FAR));
  times(2, () => limits.loginFailed(FAR));
  expect(() => limits.admitLogin(FAR)).toThrow(limited("too-many-failed-logins"));
  expect(() => limits.admitLogin(FAR)).toThrow(expect.objectContaining({ retryAfter: expect.closeTo(30, 0) }));
  expect(() => limits.admitLogin("203.0.113.10")).not.toThrow();
});

test("an address that failed too often is admitted again after a minute", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const limits = new Limits(OPTIONS);
    times(2, () => limits.loginFailed(FAR));
    expect(() => limits.admitLogin(FAR)).toThrow(limited("too-many-failed-logins"));
    vi.advanceTimersByTime(60_000);
    expect(() => limits.admitLogin(FAR)).not.toThrow();
  } finally {
    vi.useRealTimers();
  }
});

test("the exemption for this machine covers no other callers", () => {
  const limits = new Limits({ ...OPTIONS, exemptLoopback: true });
  for (const own of ["127.0.0.1", "::1"]) {
    expect(() => times(100, () => limits.admitRequest(own, "token", "session"))).not.toThrow();
    expect(() => times(100, () => limits.admitSession(own))).not.toThrow();
    times(100, () => limits.loginFailed(own));
    expect(() => limits.admitLogin(own)).not.toThrow();
  }
  expect(() => times(100, () => limits.admitRequest(FAR, "token", "session"))).toThrow(limited());
  expect(() => times(100, () => limits.admitSession(FAR))).toThrow(limited());
});

test("without the exemption, callers on this machine are limited like others", () => {
  const limits = new Limits(OPTIONS);
  expect(() => times(100, () => limits.admitRequest("127.0.0.1", "token", "session"))).toThrow(limited());
});

test("all addresses of an IPv6 /64 count as one, those of the next /64 do not", () => {
  const limits = new Limits(OPTIONS);
  const network = ["2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8::3:4:5:6", "2001:db8:0:0:1:2:3:4"];
  times(3, (index) => limits.admitRequest(network[index]!, `token ${index}`, "session"));
  expect(() => limits.admitRequest(network[3]!, "token 3", "session")).toThrow(limited());
  times(2, (index) => limits.admitSession(network[index]!));
  expect(() => limits.admitSession(network[3]!)).toThrow(limited());
  times(2, (index) => limits.loginFailed(network[index]!));
  expect(() => limits.admitLogin(network[3]!)).toThrow(limited("too-many-failed-logins"));
  for (const other of ["2001:db8:0:1::1", "2001:db9::1", "::1"]) {
    expect(() => limits.admitRequest(other, `token of ${other}`, "session")).not.toThrow();
    limits.admitLogin(other);
  }
});

test("a batch takes as many tokens as it has messages, and a refused one costs the principal nothing", () => {
  const limits = new Limits({ ...OPTIONS, requests: { perSecond: 0.001, burst: 10 } });
  limits.admitRequest(FAR, "token", "session", 9);
  expect(() => limits.admitRequest(FAR, "token", "session", 2)).toThrow(limited());
  for (let tries = 0; tries < 20; tries++)
    expect(() => limits.admitRequest(FAR, "other", "session", 2)).toThrow(limited());
  limits.admitRequest("203.0.113.10", "other", "session", 10);
});
