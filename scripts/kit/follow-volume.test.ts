import { describe, expect, test } from "vitest";
import { followVolume } from "./follow-volume.ts";

describe("a text follows its volume", () => {
  const volumes = { "/data": "memory", "/data/cache": "cache" };
  test.each([
    ["/data", "/here/memory"],
    ["/data/memory.jsonl", "/here/memory/memory.jsonl"],
    ["/data/cache/x", "/here/cache/x"],
    ["/database", "/database"],
    ["--dir=/data", "--dir=/data"],
    ["stdio", "stdio"],
  ])("%s", (text, expected) => {
    expect(followVolume(text, volumes, "/here")).toBe(expected);
  });
});
