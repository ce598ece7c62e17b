/** Which era a server is of, without a server: who is asked, when, and what is made of the answer. */
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deferred } from "../../deferred.ts";
import { Eras } from "./detect-era.ts";
import { modernCaller, requestOf } from "../../fixtures/modern-caller.ts";
import { UNKNOWN, type Backend, type ModernEndpoint, type Status } from "../servers/contract.ts";
import { ToLegacyEndpoint } from "./to-legacy/server.ts";
import { ToModernLane } from "./to-modern/lane.ts";
import type { ModernServer } from "../servers/modern.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const READY: Status = { ...UNKNOWN, ready: true };
const REFUSED: Status = { ...UNKNOWN, refused: true, error: "refused" };
const DOWN: Status = { ...UNKNOWN, error: "no luck" };

interface Given {
  readonly status: Status;
  /** Whether it has ever served in the legacy era. */
  readonly hasServed?: boolean;
  /** Milliseconds that a start in the legacy era takes. */
  readonly startTime?: number;
  /** Whether the server speaks the modern era; undefined = it says nothing until it is stopped. */
  readonly isModern?: boolean | undefined;
  readonly mayProbe?: boolean;
}

/** Eras, and all that was done to the server in either of them. */
function erasOf({ status, isModern, hasServed = false, startTime = 0, mayProbe = true }: Given) {
  const done: string[] = [];
  const legacy = { status };
  const make = {
    legacy: (): Backend => ({
      supervisor: {
        get status() {
          return legacy.status;
        },
        onStatus: undefined,
        hasServed,
        children: 1,
        start: async () => {
          done.push("legacy starts");
          if (startTime > 0) await new Promise((resolve) => setTimeout(resolve, startTime));
        },
        stop: async () => void done.push("legacy stops"),
      },
      lane: () => ({}) as ReturnType<Backend["lane"]>,
    }),
    modern: () => {
      done.push("modern starts");
      const { promise, resolve, reject } = deferred<void>();
      if (isModern === true) resolve();
      if (isModern === false) reject(new Error("no"));
      const stop = async () => {
        done.push("modern stops");
        reject(new Error("stopped"));
      };
      const supervisor = { up: () => promise, status: { ...READY, error: "no" }, children: 1, stop };
      const modern = {
        supervisor,
        stop,
        renewed: new Set(),
        lanes: new Set(),
        openCalls: 0,
        call: () => {},
        actingFor: () => modern,
      };
      return modern as unknown as ModernServer;
    },
  };
  const options = { service: "test", maxClients: 10, idleTtl: 60_000, mayProbe, guards: false };
  const eras = new Eras(make, options, pino({ enabled: false }));
  /** Decides, however long that takes. */
  const decide = async () => {
    const deciding = eras.decide();
    await vi.advanceTimersByTimeAsync(startTime);
    return deciding;
  };
  return { done, legacy, eras, decide };
}

/** Whether a legacy server answers: what stands in front is the same for both. */
function facesLegacy(endpoint: ModernEndpoint | undefined): boolean {
  const call = vi.spyOn(ToLegacyEndpoint.prototype, "call").mockImplementation(() => {});
  endpoint?.call(requestOf("ping"), modernCaller().caller);
  const isLegacy = call.mock.calls.length > 0;
  call.mockRestore();
  return isLegacy;
}

const probesIn = (done: readonly string[]) => done.filter((what) => what === "modern starts").length;

test("a legacy server is probed when the first modern request comes, and its era is certain then", async () => {
  const { eras, done, decide } = erasOf({ status: READY, isModern: false });
  void eras.start();
  await vi.advanceTimersByTimeAsync(0);
  expect([eras.modern, done]).toEqual([undefined, ["legacy starts"]]);
  expect(facesLegacy(await decide())).toBe(true);
  expect(facesLegacy(eras.modern)).toBe(true);
  expect([done[1], probesIn(done), done.includes("modern stops")]).toEqual(["modern starts", 1, true]);
});

test("requests that come during a probe wait for its one answer", async () => {
  const { eras, done } = erasOf({ status: READY, isModern: true });
  const decisions = [eras.decide(), eras.decide(), eras.decide()];
  await vi.advanceTimersByTimeAsync(0);
  expect(new Set(await Promise.all(decisions)).size).toBe(1);
  expect(probesIn(done)).toBe(1);
});

test.each([
  [0, 3_000],
  [2_000, 7_000],
])("a server that starts within %i ms has %i ms to say which era it is of", async (startTime, probeTime) => {
  const { eras, done } = erasOf({ status: READY, startTime });
  const deciding = eras.decide();
  await vi.advanceTimersByTimeAsync(startTime + probeTime - 1);
  expect(done).toEqual(["legacy starts", "modern starts"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toContain("modern stops");
  expect(facesLegacy(await deciding)).toBe(true);
});

test("the probe of a server that refuses initialize has no time limit of its own", async () => {
  const { eras, done } = erasOf({ status: REFUSED });
  void eras.start();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(done).toEqual(["legacy starts", "legacy stops", "modern starts"]);
  await eras.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toContain("modern stops");
  expect(done.filter((what) => what === "legacy starts")).toHaveLength(1); // nothing is started any more
});

test("a server of both eras runs in both: modern requests reach the modern process, sessions the legacy one", async () => {
  const { eras, done, decide } = erasOf({ status: READY, isModern: true });
  expect(await decide()).toBe(eras.modern);
  expect(facesLegacy(eras.modern)).toBe(false);
  expect(eras.children).toBe(2);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(done).toEqual(["legacy starts", "modern starts"]);
  await eras.stop();
  expect(done.slice(2).toSorted()).toEqual(["legacy stops", "modern stops"]);
});

test("where no second process may run, a server that accepts initialize is a legacy one", async () => {
  const { eras, done, decide } = erasOf({ status: READY, isModern: true, mayProbe: false });
  expect(facesLegacy(await decide())).toBe(true);
  expect([eras.modern !== undefined, probesIn(done)]).toEqual([true, 0]);
});

test.each([true, false])(
  "a server that refuses initialize runs only in the modern era (may be probed: %s)",
  async (mayProbe) => {
    const { eras, done, decide } = erasOf({ status: REFUSED, isModern: true, mayProbe });
    await decide();
    expect(done).toEqual(["legacy starts", "legacy stops", "modern starts"]);
    expect([eras.status.ready, eras.children]).toEqual([true, 1]);
    await decide();
    expect(probesIn(done)).toBe(1);
    const client = { record: { countFrom: 0 } } as Parameters<Backend["lane"]>[0];
    const open = vi.spyOn(ToModernLane.prototype, "open").mockResolvedValue("{}");
    expect(await eras.lane(client, () => {}).open()).toBe("{}");
    open.mockRestore();
  },
);

test("a server that has served sessions stays a legacy one when it refuses for a while", async () => {
  const { eras, done, decide } = erasOf({ status: REFUSED, hasServed: true, isModern: true });
  expect(facesLegacy(await decide())).toBe(true);
  expect([eras.modern, done]).toEqual([undefined, ["legacy starts"]]);
});

test("a server that speaks neither era is probed again after 30 s at the earliest, and reports both errors", async () => {
  const { eras, done, decide } = erasOf({ status: REFUSED, isModern: false });
  expect(facesLegacy(await decide())).toBe(true);
  expect([eras.modern, probesIn(done)]).toEqual([undefined, 1]);
  expect(eras.status.error).toMatch(/^refused Nor does it serve MCP 2026-07-28: no$/);
  expect(done.filter((what) => what === "legacy starts")).toHaveLength(2); // it is tried on in the legacy era
  await vi.advanceTimersByTimeAsync(29_000);
  await decide();
  expect(probesIn(done)).toBe(1);
  await vi.advanceTimersByTimeAsync(1_001);
  await decide();
  expect(probesIn(done)).toBe(2);
});

test("nothing is decided while a server is down: it may speak either era when it is up", async () => {
  const { eras, done, legacy, decide } = erasOf({ status: DOWN, isModern: true });
  expect(facesLegacy(await decide())).toBe(true);
  expect([eras.modern, probesIn(done)]).toEqual([undefined, 0]);
  legacy.status = READY;
  expect(facesLegacy(await decide())).toBe(false);
  expect([eras.modern !== undefined, probesIn(done)]).toEqual([true, 1]);
});

test("a probe that runs while the gateway stops is not waited for, and its server is not kept", async () => {
  const { eras, done } = erasOf({ status: READY });
  const deciding = eras.decide();
  await vi.advanceTimersByTimeAsync(0);
  expect(probesIn(done)).toBe(1);
  await eras.stop();
  expect(facesLegacy(await deciding)).toBe(true);
  expect(done).toContain("modern stops");
  expect(eras.children).toBe(1);
});
