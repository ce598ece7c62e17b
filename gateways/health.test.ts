import { expect, test } from "vitest";
import { hubHealth, readiness, serviceHealth } from "./health.ts";
import type { Service } from "./sessions/service.ts";

const NOW = new Date("2026-08-31T12:00:00Z");

/** A service in some state, with only the fields that health reads. */
const service = (state: Partial<Service>) =>
  ({ name: "memory", version: "1.2.3", state: "up", unreviewed: [] as string[], ...state }) as Service;

const anybody = { knowsMore: false, stopping: false };

const addressOf = ({ name }: Service) => ({ url: `http://own/${name}`, hubUrl: `http://hub/${name}` });
const hubOf = (...services: Service[]) => hubHealth(services, addressOf, () => true, { version: "9.9.9", now: NOW });

test("a service's health has the same four fields whatever the state of its server", () => {
  for (const state of ["starting", "up", "needs", "failed"] as const) {
    expect(serviceHealth(service({ state, ready: false }), NOW)).toEqual({
      status: "ok",
      service: "memory-mcp",
      version: "1.2.3",
      timestamp: "2026-08-31T12:00:00.000Z",
    });
  }
});

test("readiness is 200 when the server is ready, otherwise 503 with the state", async () => {
  const up = await readiness(service({ isReady: async () => true }), anybody);
  expect(up).toEqual({ status: 200, body: { ready: true, service: "memory-mcp", state: "up" } });
  const failed = await readiness(service({ isReady: async () => false, state: "failed", error: "its words" }), anybody);
  expect(failed).toEqual({ status: 503, body: { ready: false, service: "memory-mcp", state: "failed" } });
  const stopping = await readiness(service({ isReady: async () => true }), { ...anybody, stopping: true });
  expect(stopping).toEqual({ status: 503, body: { ready: false, service: "memory-mcp", state: "stopping" } });
});

test("who may know more is told why a service is not ready", async () => {
  const states = [
    { state: "failed", error: "its words" },
    { state: "needs", needs: "Docker" },
  ] as const;
  for (const state of states) {
    const { body } = await readiness(service({ isReady: async () => false, ...state }), {
      ...anybody,
      knowsMore: true,
    });
    expect(body).toMatchObject({ ready: false, error: "error" in state ? state.error : state.needs });
  }
});

test("a name that ends with -mcp already gets no second one", async () => {
  const mycopa = service({ name: "mycopa-mcp", isReady: async () => true });
  expect([serviceHealth(mycopa, NOW), (await readiness(mycopa, anybody)).body]).toMatchObject([
    { service: "mycopa-mcp" },
    { service: "mycopa-mcp" },
  ]);
});

test("the hub lists every service with its addresses, its state, and what is wrong with it", () => {
  const up = service({ tools: 9 });
  const needs = service({ name: "github", state: "needs", needs: "Docker" });
  const failed = service({ name: "coda", state: "failed", error: "port 8080 is taken" });
  expect(hubOf(up, needs, failed)).toEqual({
    status: "healthy",
    version: "9.9.9",
    timestamp: "2026-08-31T12:00:00.000Z",
    settled: true,
    services: [
      { name: "memory", ...addressOf(up), state: "up", tools: 9, needs: null, error: null },
      { name: "github", ...addressOf(needs), state: "needs", tools: null, needs: "Docker", error: null },
      { name: "coda", ...addressOf(failed), state: "failed", tools: null, needs: null, error: "port 8080 is taken" },
    ],
  });
});

test("zero tools are reported as 0, not as unknown", () => {
  expect(hubOf(service({ tools: 0 }))).toMatchObject({ services: [{ tools: 0 }] });
});

test("tools that are not as they were reviewed are named to whoever may know more", () => {
  const changed = service({ unreviewed: ["read_graph (changed)"] });
  expect(hubOf(changed)).toMatchObject({ services: [{ unreviewed: ["read_graph (changed)"] }] });
  const anybodys = hubHealth([changed], addressOf, () => false, { version: "9.9.9", now: NOW });
  expect(JSON.stringify(anybodys)).not.toContain("unreviewed");
});

test("the hub has settled once no service is starting", () => {
  expect(hubOf(service({}), service({ state: "starting" }))).toMatchObject({ status: "healthy", settled: false });
  expect(hubOf(service({}), service({ state: "failed" }), service({ state: "needs" }))).toMatchObject({
    settled: true,
  });
  expect(hubOf()).toMatchObject({ settled: true, services: [] });
});
