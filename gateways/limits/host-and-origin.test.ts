import { expect, test } from "vitest";
import { admitHost, admitOrigin } from "./host-and-origin.ts";

const HOSTS = new Set(["coda.example.org", "coda-mcp-gateway"]);
const NONE = new Set<string>();

const refused = (name: string) => expect.objectContaining({ name, status: 403 });

test.each([
  "localhost",
  "localhost:8080",
  "LOCALHOST:1",
  "127.0.0.1",
  "127.0.0.1:8080",
  "[::1]",
  "[::1]:8080",
  "coda.example.org",
  "Coda.Example.Org:443",
  "coda-mcp-gateway:8080",
])("the host %s is the gateway's own", (host) => {
  expect(() => admitHost(host, HOSTS)).not.toThrow();
});

test.each([
  undefined,
  "",
  ":8080",
  "evil.example",
  "localhost.evil.example",
  "evil.example:8080",
  "127.0.0.1.evil.example",
  "127.0.0.2",
  "[::2]:8080",
  "localhost:8080:80",
  "localhost:evil",
  "localhost@evil.example",
  "evil.example/localhost",
  "xlocalhost",
  "coda.example.org.evil.example",
  "evil.coda.example.org",
  "*",
  "[::1].evil.example",
  "0.0.0.0",
])("the host %s is refused", (host) => {
  expect(() => admitHost(host, HOSTS)).toThrow(refused("host-not-allowed"));
});

test("with * every host name passes", () => {
  expect(() => admitHost("anything.example", new Set(["*"]))).not.toThrow();
});

test("a request without Origin does not come from a browser, and passes", () => {
  expect(() => admitOrigin(undefined, NONE, NONE)).not.toThrow();
});

test.each([
  "http://localhost",
  "http://localhost:3000",
  "https://127.0.0.1:8443",
  "http://[::1]:8080",
  "https://coda.example.org",
  "https://coda.example.org:8443",
  "https://page.example",
])("the origin %s may call", (origin) => {
  expect(() => admitOrigin(origin, HOSTS, new Set(["https://page.example"]))).not.toThrow();
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
])("the origin %j is refused, never passed through", (origin) => {
  expect(() => admitOrigin(origin, HOSTS, new Set(["https://page.example"]))).toThrow(refused("origin-not-allowed"));
});

test("with * every origin may call, even one that cannot be parsed", () => {
  for (const origin of ["https://anything.example", "null"]) {
    expect(() => admitOrigin(origin, NONE, new Set(["*"]))).not.toThrow();
  }
});
