import { describe, expect, test } from "vitest";
import { admitHost, mayCall, type HostNames } from "./host-and-origin.ts";

const NAMES: HostNames = { names: new Set(["coda.example.org", "coda-mcp-gateway", "192.168.1.5"]), local: false };
const IN_A_NETWORK: HostNames = { ...NAMES, local: true };
const NO_ORIGINS = { origins: new Set<string>(), loopback: false };
const PAGE = { origins: new Set(["https://page.example"]), loopback: false };
const LOOPBACK = { origins: new Set<string>(), loopback: true };

const refused = expect.objectContaining({ name: "host-not-allowed", status: 403 });

test.each([
  "localhost",
  "localhost:8080",
  "LOCALHOST:1",
  "localhost.",
  "localhost.:8080",
  "127.0.0.1",
  "127.0.0.1:8080",
  "127.0.0.2",
  "127.255.255.254:8080",
  "[::1]",
  "[::1]:8080",
  "[0:0:0:0:0:0:0:1]:8080",
  "[::ffff:127.0.0.1]",
  "coda.example.org",
  "Coda.Example.Org:443",
  "coda.example.org.",
  "coda-mcp-gateway:8080",
])("the host %s is the gateway's own", (host) => {
  expect(() => admitHost(host, NAMES)).not.toThrow();
});

const FOREIGN = [
  undefined,
  "",
  ".",
  ":8080",
  "evil.example",
  "localhost.evil.example",
  "evil.example:8080",
  "127.0.0.1.evil.example",
  "128.0.0.1",
  "[::2]:8080",
  "[::1",
  "localhost:8080:80",
  "localhost:evil",
  "localhost@evil.example",
  "evil.example/localhost",
  "coda.example.org.evil.example",
  "evil.coda.example.org",
  "*",
  "[::1].evil.example",
  "0.0.0.0",
  "2130706433",
  "0x7f000001",
  "127.1",
  `${"a.".repeat(8_000)}a`,
  `localhost:${"1".repeat(15_000)}`,
];

test.each(FOREIGN)("the host %s is refused", (host) => {
  expect(() => admitHost(host, NAMES)).toThrow(refused);
  expect(() => admitHost(host, IN_A_NETWORK)).toThrow(refused);
});

test.each(["mcp-gateway", "mcp-gateway:3000", "mcp-gateway-1:3000", "mcp_gateway_2", "n8n-tools:8080"])(
  "in a network %s is a name of the gateway: no site of the internet has a name without a dot",
  (host) => {
    expect(() => admitHost(host, IN_A_NETWORK)).not.toThrow();
    expect(() => admitHost(host, NAMES)).toThrow(refused);
  },
);

test("with * every host name passes", () => {
  for (const host of ["anything.example", undefined])
    expect(() => admitHost(host, { names: new Set(["*"]), local: false })).not.toThrow();
});

describe("a page", () => {
  test("that is none, because there is no Origin, may call", () => {
    expect(mayCall(undefined, "localhost", { pages: NO_ORIGINS, names: NAMES })).toBe(true);
  });

  test.each([
    ["https://page.example", "coda.example.org"],
    ["https://coda.example.org", "coda.example.org"],
    ["https://coda.example.org:8443", "Coda.Example.org:8443"],
    ["https://coda.example.org:8443", "coda.example.org"],
    ["http://localhost:8080", "localhost:8080"],
  ])("of %s may call %s: it is listed, or the gateway's own", (origin, host) => {
    expect(mayCall(origin, host, { pages: PAGE, names: NAMES })).toBe(true);
  });

  const ON_THIS_MACHINE = [
    "http://localhost",
    "http://localhost:3000",
    "https://127.0.0.1:8443",
    "http://[::1]:8080",
    "http://127.0.0.2:1",
  ];
  test.each(ON_THIS_MACHINE)("of %s may call where every program of this machine may", (origin) => {
    expect(mayCall(origin, "localhost:8080", { pages: LOOPBACK, names: NAMES })).toBe(true);
    expect(mayCall(origin, "localhost:8080", { pages: PAGE, names: NAMES })).toBe(false);
    expect(mayCall(origin, "localhost", { pages: PAGE, names: NAMES })).toBe(origin === "http://localhost");
  });

  test.each([
    ["http://192.168.1.5:9999", "192.168.1.5:3000"],
    ["http://mcp-gateway:80", "n8n:3000"],
    ["https://evil.example", "evil.example"],
  ])("of %s may not call %s: another program of the same host is another site", (origin, host) => {
    expect(mayCall(origin, host, { pages: PAGE, names: IN_A_NETWORK })).toBe(false);
  });

  test.each([
    "null",
    "",
    "localhost",
    "file://",
    "file://localhost",
    "http://localhost.evil.example",
    "http://localhost:80.evil.example",
    "http://localhost:80@evil.example",
    "http://evil.example/http://localhost",
    "http://evil.example#localhost",
    "http://evil.example?localhost",
    "http://evil.example http://localhost",
    "http://127.0.0.1.evil.example",
    "http://[::1].evil.example",
    "chrome-extension://localhost",
    "https://evil.example",
    "http://page.example",
    "https://page.example:8443",
    "https://page.example.evil.example",
    "*",
    `http://${"a.".repeat(8_000)}`,
  ])("of %j may never call", (origin) => {
    for (const pages of [{ ...PAGE, loopback: true }, PAGE, LOOPBACK])
      expect(mayCall(origin, "localhost", { pages, names: IN_A_NETWORK })).toBe(false);
  });

  test("of any origin may call with *, even of one that cannot be parsed", () => {
    const pages = { origins: new Set(["*"]), loopback: false };
    for (const origin of ["https://anything.example", "null"])
      expect(mayCall(origin, "localhost", { pages, names: NAMES })).toBe(true);
  });

  test("that a foreign host served is not the gateway's own because hosts are not checked", () => {
    const names = { names: new Set(["*"]), local: false };
    expect(mayCall("https://evil.example", "evil.example", { pages: NO_ORIGINS, names })).toBe(false);
  });
});
