import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { deferred } from "../deferred.ts";
import { SerialQueue } from "./serial-queue.ts";

test("a job starts at once when no other runs", () => {
  const started: string[] = [];
  new SerialQueue().add(() => started.push("a"));
  expect(started).toEqual(["a"]);
});

test("the next job starts only when the previous one is done", async () => {
  const queue = new SerialQueue();
  const started: string[] = [];
  const ends: (() => void)[] = [];
  for (const name of ["a", "b", "c"]) {
    queue.add((done) => {
      started.push(name);
      ends.push(done);
    });
  }
  await turn();
  expect(started).toEqual(["a"]);
  expect(queue.waiting).toBe(2);
  ends[0]?.();
  await turn();
  expect(started).toEqual(["a", "b"]);
  ends[1]?.();
  await turn();
  expect(started).toEqual(["a", "b", "c"]);
  expect(queue.waiting).toBe(0);
});

test("two jobs never run side by side, and they run in the order in which they were added", async () => {
  const queue = new SerialQueue();
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const jobs = Array.from({ length: 50 }, (_, number) => {
    const { promise, resolve } = deferred<void>();
    queue.add((done) => {
      most = Math.max(most, ++running);
      order.push(number);
      setTimeout(() => {
        running--;
        done();
        resolve();
      }, number % 3);
    });
    return promise;
  });
  await Promise.all(jobs);
  expect(most).toBe(1);
  expect(order).toEqual(Array.from({ length: 50 }, (_, number) => number));
});

test("an empty queue starts the next job at once", async () => {
  const queue = new SerialQueue();
  queue.add((done) => done());
  await turn();
  let ran = false;
  queue.add(() => (ran = true));
  expect(ran).toBe(true);
});

test("thousands of jobs that finish at once do not overflow the stack", async () => {
  const queue = new SerialQueue();
  const last = deferred<void>();
  for (let job = 0; job < 20_000; job++) queue.add((done) => done());
  queue.add(() => last.resolve());
  await last.promise;
  expect(queue.waiting).toBe(0);
});
