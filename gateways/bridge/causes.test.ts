import { expect, test } from "vitest";
import { causeOf, causes, shownUrl, toldOf } from "./causes.ts";

test.for(Object.keys(causes))("%s is told in words, with a remedy in whole sentences", (code) => {
  const { what, remedy } = causeOf(code);
  expect(what).toMatch(new RegExp(`^[a-z].*[a-z] \\(${code}\\)$`, "i"));
  expect(remedy).toMatch(/^[A-Z].*[.?]$/);
});

test("what has no words of its own is told as it is", () => {
  expect(causeOf("the proxy a:1 failed")).toEqual({
    what: "the proxy a:1 failed",
    remedy: "Check its URL and the network.",
  });
});

test("the operator reads which URL it is, short and without what may be secret in it", () => {
  expect(toldOf("Cannot connect to", "http://127.0.0.1:1/mcp", "ECONNREFUSED")).toBe(
    "Cannot connect to http://127.0.0.1:1/mcp: connection refused. Is it running? In a container, localhost is the container itself.",
  );
  const url = "https://user:pass@hooks.example/api/s/MGM2YjA5NGUtZDRhNy00/mcp?key=secret";
  expect(shownUrl(url)).toBe("https://hooks.example/api/s/…/mcp");
});
