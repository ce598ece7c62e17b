import { expect, test } from "vitest";
import { firstLine, readyLines, serviceLine, type Shown, stoppingLine, waitingLine, waitingName } from "./screen.ts";

const url = "http://127.0.0.1:8080/mcp";
const up: Shown = { name: "memory", state: "up", tools: 9, rests: false, needs: undefined, error: undefined, url };

test.each<[string, Partial<Shown>, string]>([
  ["up", {}, `memory: ${url} (9 tools, 1.2 s)`],
  ["up once somebody calls", { tools: undefined, rests: true }, `memory: ${url} (starts with its first call)`],
  ["up with one tool", { tools: 1 }, `memory: ${url} (1 tool, 1.2 s)`],
  ["up without a list of tools", { tools: undefined }, `memory: ${url} (it does not list its tools, 1.2 s)`],
  ["up on the hub alone", { error: "port 8082 is taken" }, `memory: ${url} (9 tools, 1.2 s)\n  port 8082 is taken`],
  ["in need of something", { state: "needs", needs: "API_KEY" }, "memory: needs API_KEY"],
  ["failed", { state: "failed", error: "command not found" }, "memory: failed after 1.2 s: command not found"],
])("a service that is %s has a line", (_, changes, expected) => {
  expect(serviceLine({ ...up, ...changes }, 1_200)).toBe(expected);
});

test("what is about to happen, and who still starts", () => {
  expect(firstLine("0.1.0", "memory")).toBe("gangway 0.1.0, starting memory");
  expect(waitingLine(["a", "b"], 15_020)).toBe("  still starting after 15 s: a, b");
});

test("on loopback, how to connect and to stop; beyond it, where others reach it and how they show the token", () => {
  const example = { name: "memory", url };
  expect(readyLines({ example, network: [], token: undefined })).toEqual([
    "",
    `  Connect  claude mcp add --transport http memory ${url}`,
    `  Try      npx gangway-mcp tools ${url}`,
    "  Stop     Ctrl-C",
  ]);
  const lines = readyLines({ example, network: ["http://192.0.2.7:8080/mcp"], token: "<token>" });
  expect(lines.slice(1, 4)).toEqual([
    `  Local    ${url}`,
    "  Network  http://192.0.2.7:8080/mcp",
    `  Connect  claude mcp add --transport http memory ${url} --header "Authorization: Bearer <token>"`,
  ]);
  expect(readyLines({ example: undefined, network: [], token: undefined })).toEqual(["", "  Stop     Ctrl-C"]);
});

test.each([
  [0, "stopping; Ctrl-C again stops at once"],
  [1, "stopping: waiting for 1 call; Ctrl-C again stops at once"],
  [2, "stopping: waiting for 2 calls; Ctrl-C again stops at once"],
])("Ctrl-C with %i open calls says what it does", (calls, expected) => {
  expect(stoppingLine(calls)).toBe(expected);
});

test("a start that a package runner may be installing for says so", () => {
  expect(waitingName({ name: "memory", runner: "npx" })).toBe("memory (npx may be installing it)");
  expect(waitingName({ name: "own", runner: undefined })).toBe("own");
});
