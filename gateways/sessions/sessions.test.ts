/** Sessions of other gateways in a store that takes time: who gets them, and how often. */
import { setImmediate as turn } from "node:timers/promises";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { GatewayError } from "../errors.ts";
import { MemoryBudget } from "../memory-budget.ts";
import type { Replica } from "./replicas/replica.ts";
import { NOBODY, type SessionStore, type StoredSession } from "./replicas/store.ts";
import type { Lane, LaneSource } from "./servers/contract.ts";
import { Session } from "./session.ts";
import { Sessions } from "./sessions.ts";

const HERE = "here:1";
const ann = { id: "ann" };
const KEPT: StoredSession = {
  id: "s",
  owner: "gone:1",
  principal: "ann",
  address: "192.0.2.7",
  version: "2025-11-25",
  initialize: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}',
  logLevel: undefined,
  subscriptions: [],
};

/** A store whose every answer takes a turn of the event loop, and what was asked of it. */
class SlowStore {
  readonly claims: string[] = [];
  readonly kept = new Map<string, StoredSession>();

  constructor(...sessions: readonly StoredSession[]) {
    for (const session of sessions) this.kept.set(session.id, session);
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const found = this.kept.get(id);
    await turn();
    return found;
  }

  async claim(id: string, from: string, to: string): Promise<boolean> {
    this.claims.push(`${id} from ${from}`);
    const kept = this.kept.get(id);
    const isTheirs = kept?.owner === from;
    if (isTheirs) this.kept.set(id, { ...kept, owner: to });
    await turn();
    return isTheirs;
  }

  async release(): Promise<void> {}
}

function sessionsOn(store: SlowStore, maxSessions = 10) {
  const opened: string[] = [];
  const lane = { restore: () => void opened.push("lane"), close: async () => {} } as unknown as Lane;
  const lanes: LaneSource = { lane: () => lane };
  const ids = { ownerOf: (id: string) => store.kept.get(id)?.owner };
  const replica = { address: HERE, ids, store: store as unknown as SessionStore } as unknown as Replica;
  const memory = new MemoryBudget(2 ** 30, 100);
  const options = { service: "test", maxSessions, maxOpenCalls: 10, idleTtl: 60_000, revive: true, memory, replica };
  const sessions = new Sessions(options, lanes, pino({ enabled: false }));
  onTestFinished(() => sessions.stop(new GatewayError("shutting-down")));
  return { sessions, opened };
}

test("a session that several requests ask for at once is revived once, and all of them get it", async () => {
  const store = new SlowStore(KEPT);
  const { sessions, opened } = sessionsOn(store);
  const early = [1, 2, 3].map(() => sessions.locate("s", ann, "gone:1"));
  await turn();
  const late = [1, 2, 3].map(() => sessions.locate("s", ann, "gone:1"));
  const found = new Set(await Promise.all([...early, ...late]));
  expect([found.size, [...found][0] instanceof Session]).toEqual([1, true]);
  expect([opened, sessions.size, store.claims]).toEqual([["lane"], 1, ["s from gone:1"]]);
});

test("a session that another gateway has claimed meanwhile is that gateway's", async () => {
  const store = new SlowStore(KEPT);
  const { sessions, opened } = sessionsOn(store);
  const located = sessions.locate("s", ann, "gone:1");
  store.kept.set("s", { ...KEPT, owner: "quicker:1" });
  expect(await located).toBe("quicker:1");
  expect([opened, sessions.size]).toEqual([[], 0]);
});

test("sessions that are being revived count against the limit", async () => {
  const store = new SlowStore({ ...KEPT, owner: NOBODY }, { ...KEPT, id: "t", owner: NOBODY });
  const { sessions } = sessionsOn(store, 1);
  const [one, other] = await Promise.allSettled(["s", "t"].map((id) => sessions.locate(id, ann)));
  expect(one).toMatchObject({ status: "fulfilled" });
  expect(other).toMatchObject({ status: "rejected", reason: { name: "too-many-sessions" } });
  expect(sessions.size).toBe(1);
});

test("a session of somebody else is not found, and not claimed", async () => {
  const store = new SlowStore(KEPT);
  const { sessions } = sessionsOn(store);
  await expect(sessions.locate("s", { id: "bob" }, "gone:1")).rejects.toMatchObject({ name: "session-not-found" });
  expect(store.claims).toEqual([]);
});
