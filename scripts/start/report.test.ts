import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { ServiceHealth } from "../kit/hub.ts";
import { document, explanations, nextSteps, serviceTable as colouredTable } from "./report.ts";

// Where FORCE_COLOR is set, the table is coloured here too.
const serviceTable = (services: readonly ServiceHealth[]) => colouredTable(services).map(stripVTControlCharacters);

const hub = "http://127.0.0.1:3000";
const up: ServiceHealth = { name: "memory", url: "http://127.0.0.1:8082/mcp", state: "up", tools: 9 };
const needs: ServiceHealth = { ...up, name: "coda", state: "needs", tools: null, needs: "CODA_API_TOKEN" };
const failed: ServiceHealth = { ...up, name: "files", state: "failed", tools: null, error: "port 8085 is taken" };

test("the document has the same keys for every service", () => {
  const url = up.url;
  expect(document([up, needs, failed], hub)).toEqual({
    services: [
      { name: "memory", url, state: "up", tools: 9, needs: null, error: null },
      { name: "coda", url, state: "needs", tools: 0, needs: "CODA_API_TOKEN", error: null },
      { name: "files", url, state: "failed", tools: 0, needs: null, error: "port 8085 is taken" },
    ],
    hub,
  });
});

test("the table has a line for every service, and failures follow below it", () => {
  expect(serviceTable([up, needs, failed])).toEqual([
    "service  url                        state   tools  needs",
    "memory   http://127.0.0.1:8082/mcp  up          9",
    "coda     http://127.0.0.1:8082/mcp  needs          CODA_API_TOKEN",
    "files    http://127.0.0.1:8082/mcp  failed",
  ]);
  expect(explanations([up, needs, failed])).toEqual(["files failed: port 8085 is taken", ""]);
  expect(explanations([up, needs])).toEqual([]);
  expect(explanations([{ ...needs, error: "port 8080 is taken" }])).toEqual(["coda: port 8080 is taken", ""]);
});

test("the suggested call works: to a service that is up, with a token where one is needed", () => {
  expect(nextSteps([needs, up], hub, "gateway.log", false).join("\n")).toContain(`curl ${up.url} -H "Content-Type`);
  expect(nextSteps([up], hub, "gateway.log", true).join("\n")).toContain("Bearer $(npx gangway token)");
  expect(nextSteps([needs], hub, "gateway.log", false).join("\n")).not.toContain("curl");
});

test("sentences are no wider than a terminal of 100 columns", () => {
  const long: ServiceHealth = { ...failed, error: "word ".repeat(60).trim() };
  const all = [up, needs, long];
  const lines = [...serviceTable(all), ...explanations(all), ...nextSteps(all, hub, ".gangway/gateway.log", true)];
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(98);
});
