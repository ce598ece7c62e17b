import { expect, test } from "vitest";
import { comparable, ResourceUrls } from "./resource-urls.ts";

const at = (host: string | undefined, path = "/mcp", base = "") => ({ host, path, base });

test.each([
  ["https://memory.example.org/mcp", at("memory.example.org"), "https://memory.example.org/mcp"],
  ["https://memory.example.org/mcp", at("memory.example.org:443", "/sse"), "https://memory.example.org/sse"],
  ["https://memory.example.org/mcp", at("memory-mcp-gateway:8080", "/ws"), "https://memory.example.org/mcp"],
  ["https://memory.example.org/mcp", at("localhost:8080"), "https://memory.example.org/mcp"],
  ["https://example.org/gw/memory/mcp", at("example.org", "/sse", "/memory"), "https://example.org/gw/memory/sse"],
  ["http://127.0.0.1:3000/memory/mcp", at("localhost:3000", "/mcp", "/memory"), "http://localhost:3000/memory/mcp"],
  ["http://127.0.0.1:3000/memory/mcp", at("127.0.0.1:3001", "/messages"), "http://127.0.0.1:3001/sse"],
  ["http://127.0.0.1:3000/mcp", at("[::1]:3000"), "http://[::1]:3000/mcp"],
  ["http://127.0.0.1:3000/mcp", at("evil.example"), "http://127.0.0.1:3000/mcp"],
  ["http://127.0.0.1:3000/mcp", at("127.0.0.1.evil.example"), "http://127.0.0.1:3000/mcp"],
  ["http://127.0.0.1:3000/mcp", at('localhost" , x="'), "http://127.0.0.1:3000/mcp"],
  ["http://127.0.0.1:3000/mcp", at(undefined), "http://127.0.0.1:3000/mcp"],
])("of %s, a client at %j calls %s", (publicUrl, called, resource) => {
  expect(new ResourceUrls(publicUrl).resourceAt(called)).toBe(resource);
});

test.each([
  ["https://a.example/mcp", "https://a.example/mcp", true],
  ["https://a.example/mcp", "https://a.example/mcp/", false],
  ["https://a.example/mcp", "https://A.example/mcp", false],
  ["https://a.example/mcp", "http://a.example/mcp", false],
  ["http://localhost:1/mcp", "http://127.0.0.1:1/mcp", true],
  ["http://localhost:1/mcp", "http://[::1]:1/mcp", true],
  ["http://localhost:1/mcp", "http://localhost:2/mcp", false],
  ["http://localhost:1/mcp", "https://localhost:1/mcp", false],
  ["http://localhost:1/mcp", "http://localhost.evil.example:1/mcp", false],
  ["http://localhost:1/a/mcp", "http://localhost:1/b/mcp", false],
])("%s and %s are the same audience: %s", (one, other, isSame) => {
  expect(comparable(one) === comparable(other)).toBe(isSame);
});
