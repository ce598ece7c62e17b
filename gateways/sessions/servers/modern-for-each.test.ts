/** Modern servers that act for their callers, without processes. */
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import type { OpenLink } from "../../bridge/link.ts";
import { GatewayError } from "../../errors.ts";
import { modernCaller, requestOf } from "../../fixtures/modern-caller.ts";
import { until } from "../../fixtures/harness.ts";
import type { Principal } from "../../principal.ts";
import { ModernForEach } from "./modern-for-each.ts";

const OWN = "own";

const credentialOf = ({ credential }: Principal) => (credential === OWN ? undefined : credential);

/** Servers that answer server/discover alone, and which credentials there are at the moment. */
async function serversOf(max: number, idleTtl = 60_000) {
  const running: (string | undefined)[] = [];
  const open: OpenLink = (events, credential) => {
    running.push(credential);
    const end = () => void running.splice(running.indexOf(credential), 1);
    const say = (message: object) => events.message(JSON.stringify({ jsonrpc: "2.0", ...message }));
    const send = (text: string) => {
      const { id, method } = JSON.parse(text) as { id: number; method: string };
      if (method === "server/discover")
        queueMicrotask(() => say({ id, result: { supportedVersions: ["2026-07-28"] } }));
    };
    return { label: "test", close: async () => end(), send };
  };
  const limits = { requestTimeout: 10_000, startTimeout: 10_000, serial: false };
  const options = { service: "test", ...limits, credentialOf, max, idleTtl };
  const servers = new ModernForEach(open, options, pino({ enabled: false }));
  await servers.supervisor.up();
  onTestFinished(() => servers.stop());
  return { servers, running };
}

const by = (credential?: string) =>
  modernCaller({ principal: { id: "ann", ...(credential !== undefined && { credential }) } });

const cancelled = new GatewayError("cancelled");
const call = requestOf("tools/call", { name: "a" });

test("each credential has a server of its own, and the service's own secret the shared one", async () => {
  const { servers, running } = await serversOf(5);
  for (const credential of [undefined, OWN, "a", "b", "a"]) servers.call(call, by(credential).caller);
  await until("they run", () => running.length === 3);
  expect(running).toEqual([undefined, "a", "b"]);
  expect([servers.openCalls, servers.others]).toEqual([5, 2]);
});

test("there are no more than may be, and one that nobody uses makes room", async () => {
  const { servers, running } = await serversOf(3);
  const [first, second, third] = [by("a"), by("b"), by("c")];
  servers.call(call, first.caller);
  servers.call(call, second.caller);
  servers.call(call, third.caller);
  expect(third.errors[0]).toMatchObject({ name: "too-many-children", status: 503 });
  await until("the first runs", () => running.includes("a"));
  servers.cancel(first.caller, cancelled);
  await until("nobody uses the first", () => !servers.actingFor(first.caller.principal).busy);
  const again = by("c");
  servers.call(call, again.caller);
  expect(again.errors).toEqual([]);
  await until("the third runs in its place", () => running.includes("c") && !running.includes("a"));
});

test("a session that leads to a server keeps it", async () => {
  const { servers } = await serversOf(2);
  servers.actingFor(by("a").caller.principal).lanes.add({});
  expect(() => servers.actingFor(by("b").caller.principal)).toThrow(/All 2 server processes of test are busy/);
});

test("one that nobody uses any more ends, and all end with the service", async () => {
  const { servers, running } = await serversOf(5, 100);
  await servers.actingFor(by("a").caller.principal).supervisor.up();
  await until("it has ended", () => !running.includes("a"));
  await servers.actingFor(by("b").caller.principal).supervisor.up();
  await servers.stop();
  expect(running).toEqual([]);
});
