import { expect, test } from "vitest";
import { freeCatalogPort, suggestedName } from "./names.ts";
import { whatIs } from "./what.ts";

test.each([
  ["@playwright/mcp", "playwright"],
  ["@modelcontextprotocol/server-everything", "everything"],
  ["mcp-server-time", "time"],
  ["mcp-server-time[all]", "time"],
  ["firecrawl-mcp", "firecrawl"],
  ["@upstash/context7-mcp", "context7"],
  ["github-mcp-server", "github"],
  ["ghcr.io/github/github-mcp-server:v1.10.1", "github"],
  ["docker.io/mcp/time:1.0", "time"],
  ["https://mcp.linear.app/mcp", "linear"],
  ["https://coda.io/apis/mcp", "coda"],
  ["http://127.0.0.1:3000/memory/mcp", "memory"],
  ["http://localhost:3000/mcp", "remote"],
  ["io.github.owner/weather-mcp", "weather"],
  ["io.github.owner/mcp", "owner"],
  ["Some_Thing.js", "some-thing-js"],
  ["@x/7zip", "zip"],
  ["___", ""],
])("%s becomes the service %j", (source, name) => {
  expect(suggestedName(source)).toBe(name);
});

test("the first free port of the catalog is taken, and none left is said", () => {
  expect(freeCatalogPort([])).toBe(8080);
  expect(freeCatalogPort([8080, 8081, 8083])).toBe(8082);
  const all = Array.from({ length: 920 }, (_, at) => 8080 + at);
  expect(() => freeCatalogPort(all)).toThrow("all ports from 8080 to 8999: name another one, as in --port 9000");
});

test.each([
  ["@playwright/mcp", { from: "npm", name: "@playwright/mcp" }],
  ["@playwright/mcp@0.0.83", { from: "npm", name: "@playwright/mcp", version: "0.0.83" }],
  ["firecrawl-mcp@^3.0.0", { from: "npm", name: "firecrawl-mcp", version: "^3.0.0" }],
  ["npm:think", { from: "npm", name: "think" }],
  ["pypi:mcp-server-time", { from: "pypi", name: "mcp-server-time" }],
  ["pypi:pkg[all]==1.2.3", { from: "pypi", name: "pkg[all]", version: "1.2.3" }],
  ["io.github.owner/server", { from: "registry", name: "io.github.owner/server" }],
  ["com.example/server@1.0.0", { from: "registry", name: "com.example/server", version: "1.0.0" }],
  ["ghcr.io/owner/image:v1", { from: "image", ref: "ghcr.io/owner/image:v1" }],
  ["localhost:5000/image:v1", { from: "image", ref: "localhost:5000/image:v1" }],
  ["mcp/time:1.0", { from: "image", ref: "mcp/time:1.0" }],
  ["https://mcp.example.org/mcp", { from: "url", url: "https://mcp.example.org/mcp" }],
])("%s is understood", (word, what) => {
  expect(whatIs(word)).toEqual(what);
});

test.each([
  "",
  "../x",
  "a b",
  "-rf",
  "pypi:../x",
  "pkg@1;rm",
  "$(id)",
  "@/x",
  "npm:",
  "https://",
  "file:///etc/passwd",
])("%j is nothing that can be added", (word) => {
  expect(() => whatIs(word)).toThrow(/expected/);
});

test("a password in a URL is not taken, and not repeated", () => {
  expect(() => whatIs("https://me:hunter22@example.org/mcp")).toThrow(/^(?!.*hunter22).*--env NAME/);
});
