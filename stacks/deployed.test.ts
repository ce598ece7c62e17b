import { expect, test } from "vitest";
import { defineServices } from "./catalog/define.ts";
import { app } from "./catalog/kinds/app.ts";
import { group } from "./catalog/kinds/group.ts";
import { http } from "./catalog/kinds/http.ts";
import { readSettings } from "./settings.ts";
import { deployedServices } from "./deployed.ts";

const services = Object.values(
  defineServices({
    coda: { server: http("https://example.org/mcp"), port: 8080, secrets: ["CODA", "MORE"], hostname: "docs" },
    plain: { server: http("https://example.org/mcp"), port: 8081 },
    n8n: app({ image: "n8nio/n8n:2.41.3", port: 5678 }),
  }),
);

const look = (environment: "local-docker" | "production", env: Record<string, string>) =>
  deployedServices(environment, services, readSettings(services, { env, file: "/nowhere" }));

test("on this machine each is at its port, moved or not, and one that lacks a secret says which", () => {
  expect(look("local-docker", { CODA: "x", PORT_PLAIN: "9000" })).toEqual([
    { name: "coda", url: "http://127.0.0.1:8080/mcp", state: "needs", needs: "MORE" },
    { name: "plain", url: "http://127.0.0.1:9000/mcp", state: "up" },
  ]);
});

test("in production each is at its host name", () => {
  expect(look("production", { DOMAIN: "example.net", CODA: "x", MORE: "y" })).toEqual([
    { name: "coda", url: "https://docs.example.net/mcp", state: "up" },
    { name: "plain", url: "https://plain.example.net/mcp", state: "up" },
  ]);
});

test("a group is checked like any other, be it with all of its members or without one", () => {
  const server = http("https://example.org/mcp");
  const entries = {
    coda: { server, port: 1, secrets: ["CODA"] },
    plain: { server, port: 2 },
    team: { server: group(["coda", "plain"]), port: 3 },
  };
  const all = Object.values(defineServices(entries));
  const states = (env: Record<string, string>) =>
    deployedServices("local-docker", all, readSettings(all, { env, file: "/nowhere" })).map(({ state }) => state);
  expect([states({ CODA: "x" }), states({})]).toEqual([
    ["up", "up", "up"],
    ["needs", "up", "up"],
  ]);
});

test("in production there must be a domain", () => {
  expect(() => look("production", {})).toThrow("DOMAIN is not set");
});
