/** The pool of a service's connections, without processes: the cap, the queue and the spare. */
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GatewayError } from "../errors.ts";
import type { LinkEvents } from "./link.ts";
import { ConnectionPool, type Holder } from "./pool.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const silent = pino({ level: "silent" });
const over = "over";

/** A pool of connections that do nothing; with `dieAtOnce` each ends by itself. */
function poolOf(max: number, { warm = false, dieAtOnce = false } = {}) {
  const open = new Set<LinkEvents>();
  let opened = 0;
  const credentials: (string | undefined)[] = [];
  const openLink = (events: LinkEvents, credential?: string) => {
    open.add(events);
    opened++;
    credentials.push(credential);
    const die = () => {
      open.delete(events);
      events.closed({ reason: "exit code 1", lastStderr: "" });
    };
    if (dieAtOnce) queueMicrotask(die);
    return { label: `link ${opened}`, send: () => {}, close: async () => void open.delete(events) };
  };
  const options = { service: "test", requestTimeout: 1_000, max, warm };
  const pool = new ConnectionPool(openLink, options, silent, () => {});
  const endAll = () => {
    for (const events of open) events.closed({ reason: "exit code 1", lastStderr: "" });
    open.clear();
  };
  return { pool, open, opened: () => opened, credentials, endAll };
}

/** A holder that never gives its connection up. */
const busy = (): Holder => ({
  idleSince: undefined,
  restsSince: undefined,
  sleep: async () => {},
  notification: () => {},
  request: () => {},
  closed: () => {},
});

test("a lease that finds all connections taken waits 10 s and is then refused with Retry-After", async () => {
  const { pool, opened } = poolOf(2);
  await pool.lease(busy());
  await pool.lease(busy());
  const refused = pool.lease(busy()).catch((error: unknown) => error as GatewayError);
  let settled = false;
  void refused.then(() => (settled = true));
  await vi.advanceTimersByTimeAsync(9_900);
  expect(settled).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  const error = (await refused) as GatewayError;
  expect([error.name, error.status, error.retryAfter]).toEqual(["too-many-children", 503, 5]);
  expect(opened()).toBe(2);
});

test("leases that wait are served in order, as soon as a connection is given back", async () => {
  const { pool } = poolOf(1);
  const first = await pool.lease(busy());
  const order: string[] = [];
  const second = pool.lease(busy()).then((seat) => (order.push("second"), seat));
  const third = pool.lease(busy()).then((seat) => (order.push("third"), seat));
  await pool.release(first, over);
  await pool.release(await second, over);
  await third;
  expect(order).toEqual(["second", "third"]);
});

test("the holder that has been idle longest gives up its connection, a busy one never does", async () => {
  const { pool } = poolOf(3);
  const asleep: string[] = [];
  const idleSince = async (name: string, since: number | undefined) => {
    const holder: Holder = {
      ...busy(),
      idleSince: since,
      sleep: async () => {
        asleep.push(name);
        await pool.release(seat, over);
      },
    };
    const seat = await pool.lease(holder);
  };
  await idleSince("later", 200);
  await idleSince("busy", undefined);
  await idleSince("longest", 100);
  await pool.lease(busy());
  expect(asleep).toEqual(["longest"]);
});

test("50 leases at once never open more connections than the cap, and none is left after a stop", async () => {
  const { pool, open, opened } = poolOf(4, { warm: true });
  const leases = Array.from({ length: 50 }, () => pool.lease(busy()).catch((error: unknown) => error));
  await vi.advanceTimersByTimeAsync(11_000);
  const refused = (await Promise.all(leases)).filter((lease) => lease instanceof GatewayError);
  expect([opened(), open.size, refused.length]).toEqual([4, 4, 46]);
  await pool.stop();
  expect([open.size, pool.size]).toEqual([0, 0]);
});

test("a spare is kept ready within the cap and goes to the next lease", async () => {
  const { pool, opened } = poolOf(2, { warm: true });
  pool.proven(await pool.lease(busy()));
  await vi.advanceTimersByTimeAsync(100);
  expect(opened()).toBe(2);
  await pool.lease(busy());
  await vi.advanceTimersByTimeAsync(100);
  expect(opened()).toBe(2);
});

test("while starts keep failing they become rare, and a lease is refused with Retry-After", async () => {
  const { pool, opened } = poolOf(4, { dieAtOnce: true });
  const leaseOnce = () => pool.lease(busy()).catch((error: unknown) => error);
  let error: unknown;
  for (let tries = 0; tries < 20; tries++) {
    const lease = leaseOnce();
    await vi.advanceTimersByTimeAsync(2_000);
    error = await lease;
    if (error instanceof GatewayError) break;
  }
  expect(error).toMatchObject({ name: "child-start-failed", status: 503 });
  expect((error as GatewayError).retryAfter).toBeGreaterThan(0);
  expect(opened()).toBeLessThan(8);
});

test("servers that started properly and end all at once do not delay the next start", async () => {
  const { pool, endAll } = poolOf(20);
  for (let seats = 0; seats < 10; seats++) pool.proven(await pool.lease(busy()));
  endAll();
  expect(pool.startDelay).toBe(0);
  await pool.lease(busy());
});

test("a spare that ends by itself does not count as a failed start and is not replaced before the next session", async () => {
  const { pool, opened, endAll } = poolOf(4, { warm: true });
  await pool.release(await leased(pool), over);
  await vi.advanceTimersByTimeAsync(100);
  expect([opened(), pool.size]).toEqual([2, 1]);
  endAll();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([opened(), pool.size, pool.startDelay]).toEqual([2, 0, 0]);
  await leased(pool);
  await vi.advanceTimersByTimeAsync(100);
  expect(opened()).toBe(4);
});

async function leased(pool: ConnectionPool) {
  const seat = await pool.lease(busy());
  pool.proven(seat);
  return seat;
}

test("a holder that withdraws gets no connection, and those behind it move up", async () => {
  const { pool, opened } = poolOf(1);
  const first = await pool.lease(busy());
  const [leavingSoon, leavingLater] = [busy(), busy()];
  const leases = [leavingSoon, leavingLater].map((holder) => pool.lease(holder).catch((error: unknown) => error));
  pool.withdraw(leavingSoon); // before it is even in the queue
  const next = pool.lease(busy());
  await vi.advanceTimersByTimeAsync(1);
  pool.withdraw(leavingLater);
  for (const lease of leases) expect(await lease).toMatchObject({ name: "session-not-found" });
  await pool.release(first, over);
  await next;
  expect(opened()).toBe(2);
});

test("a holder that withdraws while a start is delayed starts no server", async () => {
  const { pool, opened, endAll } = poolOf(4);
  await pool.lease(busy());
  endAll(); // it had not been proven: a failed start
  expect(pool.startDelay).toBeGreaterThan(0);
  const leaving = busy();
  const lease = pool.lease(leaving).catch((error: unknown) => error);
  pool.withdraw(leaving);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await lease).toMatchObject({ name: "session-not-found" });
  expect(opened()).toBe(1);
});

const withCredential = (credential: string): Holder => ({ ...busy(), credential });

test("a holder with a credential gets a connection of its own with it, and never the spare", async () => {
  const { pool, credentials } = poolOf(4, { warm: true });
  pool.proven(await pool.lease(busy()));
  await vi.advanceTimersByTimeAsync(100);
  expect(credentials).toEqual([undefined, undefined]); // the second is the spare
  const seat = await pool.lease(withCredential("ann"));
  expect([seat.credential, credentials.at(-1)]).toEqual(["ann", "ann"]);
  expect((await pool.lease(busy())).credential).toBeUndefined();
  expect(credentials).toEqual([undefined, undefined, "ann"]); // that was the spare
});

test("where all places are taken, the spare makes room for a holder with a credential", async () => {
  const { pool, credentials } = poolOf(2, { warm: true });
  pool.proven(await pool.lease(busy()));
  await vi.advanceTimersByTimeAsync(100);
  const seat = await pool.lease(withCredential("ann"));
  expect([seat.credential, pool.size, credentials]).toEqual(["ann", 2, [undefined, undefined, "ann"]]);
});

test("a connection that is given back serves no other credential", async () => {
  const { pool, credentials } = poolOf(1);
  for (const name of ["ann", "bob", "ann"]) await pool.release(await pool.lease(withCredential(name)), over);
  expect(credentials).toEqual(["ann", "bob", "ann"]);
});

test("what ends because of a caller's credential delays no start, and says nothing of the service", async () => {
  const { pool, endAll } = poolOf(8);
  for (let count = 0; count < 6; count++) {
    await pool.lease(withCredential("ann"));
    endAll();
  }
  expect(pool.startDelay).toBe(0);
});
