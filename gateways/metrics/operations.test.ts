import { expect, test } from "vitest";
import { GatewayError } from "../errors.ts";
import { exposition } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { labelOfCode, Operations } from "./operations.ts";

const json = (name: string) => JSON.stringify(name);

test("names that a server makes up are told apart up to a limit, and the others are one", () => {
  const operations = new Operations(() => true);
  for (let made = 0; made < 5_000; made++) operations.ended("tools/call", json(`tool-${made}`), "", 0.1);
  const { series, requests } = operations;
  expect(series.length).toBeLessThanOrEqual(201);
  const [, others] = series.find(([{ tool }]) => tool === "other")!;
  expect(others.counts.reduce((sum, count) => sum + count)).toBe(5_000 - (series.length - 1));
  expect(requests).toBe(5_000);
});

test("errors of all tools together make so many series and no more", () => {
  const operations = new Operations(() => true);
  const errors = ["", "tool_error", "other", "429", "500", "-32601", "-32602", "-32603", "cancelled"];
  for (let tool = 0; tool < 200; tool++)
    for (const error of errors) operations.ended("tools/call", json(`tool-${tool}`), error, 0.1);
  expect(operations.series.length).toBeLessThanOrEqual(500 + errors.length);
  const counted = operations.series.reduce((sum, [, { counts }]) => sum + counts.reduce((all, one) => all + one), 0);
  expect(counted).toBe(200 * errors.length);
});

test("a code that a server makes up is `other`", () => {
  expect(["-32602", "-32042", "7", '"x"', ""].map(labelOfCode)).toEqual([
    "-32602",
    "-32042",
    "other",
    "other",
    "other",
  ]);
});

test("what a client cancels is a request, and no error", () => {
  const operations = new Operations(() => true);
  operations.failed("tools/call", json("slow"), new GatewayError("cancelled"), 1);
  operations.failed("tools/call", json("slow"), new GatewayError("rate-limited"), 1);
  expect([operations.requests, operations.errors]).toEqual([2, 1]);
  expect(operations.series.map(([{ error }]) => error)).toEqual(["cancelled", "429"]);
});

test("a time is in the first bucket that it fits, and those above it", () => {
  const histogram = new Histogram();
  for (const seconds of [0, 0.01, 0.011, 301]) histogram.observe(seconds);
  const text = exposition([{ name: "x", type: "histogram", help: "y", samples: [[{ a: "b" }, histogram]] }]);
  const buckets = Array.from(text.matchAll(/x_bucket\{a="b",le="([^"]+)"\} (\d+)/g), ([, le, count]) => [le, count]);
  expect(buckets).toHaveLength(15);
  expect(buckets.slice(0, 3)).toEqual([
    ["0.01", "2"],
    ["0.02", "3"],
    ["0.05", "3"],
  ]);
  expect(buckets.at(-1)).toEqual(["+Inf", "4"]);
  expect(text).toMatch(/^x_sum\{a="b"\} 301\.02\d*$/m);
  expect(text).toMatch(/^x_count\{a="b"\} 4$/m);
});

test("whatever a server calls a tool stays in its label", () => {
  const name = 'a"b\\c\nd} 1';
  const text = exposition([{ name: "x", type: "gauge", help: "y", samples: [[{ tool: name, empty: "" }, 1]] }]);
  expect(text.split("\n")[2]).toBe('x{tool="a\\"b\\\\c\\nd} 1"} 1');
});
