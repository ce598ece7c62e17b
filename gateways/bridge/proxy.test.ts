import { expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const PROXY = "http://proxy.test:3128";

test.for([
  ["https://api.example.org/mcp", { HTTPS_PROXY: PROXY }, true],
  ["https://api.example.org/mcp", { https_proxy: PROXY }, true],
  ["https://api.example.org/mcp", { HTTP_PROXY: PROXY }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY }, true],
  ["http://api.example.org/mcp", { HTTPS_PROXY: PROXY }, false],
  ["http://api.example.org/mcp", { ALL_PROXY: PROXY }, true],
  ["http://api.example.org/mcp", { HTTP_PROXY: "proxy.test:3128" }, true],
  ["http://api.example.org/mcp", { HTTP_PROXY: "" }, false],
  ["http://api.example.org/mcp", { ALL_PROXY: "socks5://proxy.test" }, false],
  ["http://localhost:8080/mcp", { HTTP_PROXY: PROXY }, false],
  ["http://a.localhost/mcp", { HTTP_PROXY: PROXY }, false],
  ["http://127.0.0.1:8080/mcp", { HTTP_PROXY: PROXY }, false],
  ["http://127.9.9.9/mcp", { HTTP_PROXY: PROXY }, false],
  ["http://[::1]:8080/mcp", { HTTP_PROXY: PROXY }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "*" }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "example.org" }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "a.b, .example.org" }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "*.example.org" }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY, no_proxy: "API.example.org" }, false],
  ["http://api.example.org:81/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "api.example.org:81" }, false],
  ["http://api.example.org/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "api.example.org:81" }, true],
  ["http://notexample.org/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "example.org" }, true],
  ["http://10.0.0.5/mcp", { HTTP_PROXY: PROXY, NO_PROXY: "10.0.0.5" }, false],
] as const)("%s with %o goes through the proxy: %s", ([url, environment, through]) => {
  expect(proxyFor(new URL(url), environment) !== undefined).toBe(through);
});
