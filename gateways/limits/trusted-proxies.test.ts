import { expect, test } from "vitest";
import { clientOf, TrustedProxies, type LookUp } from "./trusted-proxies.ts";

const TRUSTED = new TrustedProxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"]);
const NONE = new TrustedProxies([]);
const CLIENT = "203.0.113.9";

const addressOf = (peer: string, headers: Record<string, string>, trusted = TRUSTED) =>
  clientOf(peer, headers, trusted).address;

test("the headers of an untrusted address are not believed", () => {
  const headers = { "x-forwarded-for": "127.0.0.1", "cf-connecting-ip": "127.0.0.1" };
  expect(addressOf(CLIENT, headers)).toBe(CLIENT);
  expect(addressOf("127.0.0.1", headers, NONE)).toBe("127.0.0.1");
  expect(addressOf("192.0.2.8", { "x-forwarded-for": "1.1.1.1" })).toBe("192.0.2.8");
});

test("a trusted proxy that sends no header is itself the client", () => {
  expect(addressOf("10.0.0.1", {})).toBe("10.0.0.1");
  expect(addressOf("10.0.0.1", { "x-forwarded-for": " , " })).toBe("10.0.0.1");
});

test.each(["10.1.2.3", "192.0.2.7", "fd00::5", "::1", "::ffff:10.0.0.1"])(
  "the trusted proxy %s is believed about its client",
  (proxy) => {
    expect(addressOf(proxy, { "x-forwarded-for": CLIENT })).toBe(CLIENT);
  },
);

test("addresses that the client wrote into X-Forwarded-For itself are ignored", () => {
  expect(addressOf("10.0.0.1", { "x-forwarded-for": `127.0.0.1, 1.1.1.1,${CLIENT}, 10.0.0.2` })).toBe(CLIENT);
  expect(addressOf("10.0.0.1", { "x-forwarded-for": `127.0.0.1 ,, ${CLIENT},` })).toBe(CLIENT);
});

test("when all hops are trusted proxies, the first is the client", () => {
  expect(addressOf("10.0.0.1", { "x-forwarded-for": "10.0.0.9, 10.0.0.2" })).toBe("10.0.0.9");
});

test("X-Forwarded-For takes precedence over Cloudflare's header, which a client could have written", () => {
  expect(addressOf("10.0.0.1", { "cf-connecting-ip": "1.1.1.1", "x-forwarded-for": CLIENT })).toBe(CLIENT);
  expect(addressOf("10.0.0.1", { "cf-connecting-ip": CLIENT })).toBe(CLIENT);
});

test.each([`${CLIENT}:5555`, `::ffff:${CLIENT}`, `[::ffff:${CLIENT}]:80`, "::ffff:cb00:7109"])(
  "a client has one address, however the proxy spells it: %s",
  (hop) => {
    expect(addressOf("10.0.0.1", { "x-forwarded-for": hop })).toBe(CLIENT);
    expect(addressOf("10.0.0.1", { "cf-connecting-ip": hop })).toBe(CLIENT);
  },
);

test("an IPv6 client does not match a trusted range of IPv4", () => {
  expect(addressOf("10.0.0.1", { "x-forwarded-for": "2001:db8::1, fd00::2" })).toBe("2001:db8::1");
});

test.each(["x".repeat(15_000), "unknown", "1.1.1.1, unknown", "1.1.1.1, <script>", `1.1.1.1, ${"9".repeat(15_000)}`])(
  "text that is no address is never one, and ends the way back to the client: %#",
  (text) => {
    expect(addressOf("10.0.0.1", { "x-forwarded-for": text })).toBe("10.0.0.1");
    expect(addressOf("10.0.0.1", { "x-forwarded-for": `${text}, 10.0.0.2` })).toBe("10.0.0.2");
  },
);

test("of thousands of hops only the nearest are looked at", () => {
  const hops = Array.from({ length: 3_000 }, () => "10.0.0.2");
  expect(addressOf("10.0.0.1", { "x-forwarded-for": [CLIENT, ...hops].join() })).toBe("10.0.0.2");
});

test.each([
  "10.0.0.0/33",
  "10.0.0.0/x",
  "10.0.0.0/",
  "10.0.0.0/ ",
  "10.0.0.0/0x8",
  "10.0.0.0/1e1",
  "10.0.0.0/+8",
  "10.0.0.0/8/8",
  "::/",
  "1.2.3",
  "1.2.3.4.5",
  "300.1.1.1",
  "-proxy",
  "a b",
  "",
  "proxy/8",
  "http://proxy",
])("a malformed entry is named: %j", (entry) => {
  expect(() => new TrustedProxies([entry])).toThrow(`trusted proxies: got ${entry}, expected`);
});

/** Proxies known by name, and what the name server says of the name. */
function named(): { proxies: TrustedProxies; say: (answer: string[] | Error) => void; asked: () => number } {
  let answer: string[] | Error = ["172.18.0.2"];
  let asked = 0;
  const lookUp: LookUp = () => {
    asked++;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer.map((address) => ({ address })));
  };
  return {
    proxies: new TrustedProxies(["nginx-proxy"], lookUp),
    say: (next) => void (answer = next),
    asked: () => asked,
  };
}

const afterLookUp = () => new Promise<void>((resolve) => setImmediate(resolve));

test("of a proxy that is known by name, only the container that has the name is believed, not its network", async () => {
  const { proxies } = named();
  await proxies.ready();
  const headers = { "x-forwarded-for": CLIENT };
  expect(addressOf("172.18.0.2", headers, proxies)).toBe(CLIENT);
  expect(addressOf("::ffff:172.18.0.2", headers, proxies)).toBe(CLIENT);
  for (const other of ["172.18.0.3", "172.18.0.1", "127.0.0.1"]) expect(addressOf(other, headers, proxies)).toBe(other);
});

test("a proxy that was replaced is known again within a second, and its old address belongs to nobody", async () => {
  const { proxies, say } = named();
  await proxies.ready();
  say(["172.18.0.9"]);
  const later = performance.now() + 1_500;
  expect(proxies.includes("172.18.0.9", later)).toBe(false);
  await afterLookUp();
  expect(proxies.includes("172.18.0.9", later)).toBe(true);
  expect(proxies.includes("172.18.0.2", later)).toBe(false);
});

test("the name is not looked up for each request", async () => {
  const { proxies, asked } = named();
  await proxies.ready();
  for (let request = 0; request < 100; request++) proxies.includes("172.18.0.3");
  expect(asked()).toBe(1);
});

test("a name that is gone is nobody's; while the name server is silent, the last answer counts", async () => {
  const { proxies, say } = named();
  await proxies.ready();
  say(Object.assign(new Error("try again"), { code: "EAI_AGAIN" }));
  expect(proxies.includes("172.18.0.2", performance.now() + 20_000)).toBe(true);
  await afterLookUp();
  expect(proxies.includes("172.18.0.2")).toBe(true);
  say(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }));
  proxies.includes("172.18.0.2", performance.now() + 20_000);
  await afterLookUp();
  expect(proxies.includes("172.18.0.2")).toBe(false);
});

test("a caller of this machine is local only when it came through no proxy", () => {
  expect(clientOf("127.0.0.1", {}, NONE).local).toBe(true);
  expect(clientOf("::ffff:127.0.0.1", {}, NONE).local).toBe(true);
  expect(clientOf("::1", {}, NONE).local).toBe(true);
  expect(clientOf(CLIENT, {}, NONE).local).toBe(false);
  for (const header of ["x-forwarded-for", "forwarded", "via", "x-real-ip", "cf-connecting-ip"]) {
    expect(clientOf("127.0.0.1", { [header]: "127.0.0.1" }, NONE).local, header).toBe(false);
    expect(clientOf("::1", { [header]: "127.0.0.1" }, TRUSTED).local, header).toBe(false);
  }
});
