import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { containerTable, startTable } from "./tables.ts";

const plain = (lines: string[]) => lines.map((line) => stripVTControlCharacters(line).trimEnd());

test("what npm start runs: a line a service, with why it is not up", () => {
  const url = "http://127.0.0.1:8082/mcp";
  const lines = startTable([
    { name: "memory", url, state: "up", tools: 9 },
    { name: "coda", url, state: "needs", needs: "CODA_API_TOKEN" },
    { name: "files", url, state: "failed", error: "exit code 1" },
  ]);
  expect(plain(lines)).toEqual([
    expect.stringMatching(/^service +state +tools +url +why$/),
    `memory   up          9  ${url}`,
    `coda     needs          ${url}  needs CODA_API_TOKEN`,
    `files    failed         ${url}  exit code 1`,
  ]);
});

test("what is deployed: a line a container", () => {
  const name = "memory-mcp-gateway-0a1b2c3d";
  const lines = containerTable([{ service: "memory", part: "gateway", name, state: "running", status: "Up 2 hours (healthy)" }]);
  expect(plain(lines).at(-1)).toBe(`memory   ${name}  Up 2 hours (healthy)`);
});
