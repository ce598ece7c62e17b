import { expect, test } from "vitest";
import { EventStore } from "./event-store.ts";

const texts = (store: EventStore, stream: number, after = 0) => store.after(stream, after).map(({ text }) => text);

test("events are numbered over all streams of the session", () => {
  const store = new EventStore();
  expect([store.append(1, "a"), store.append(2, "b"), store.append(1, "c")]).toEqual([1, 2, 3]);
});

test("a stream gets its own events after a number, in order", () => {
  const store = new EventStore();
  for (const [stream, text] of [
    [1, "a"],
    [2, "b"],
    [1, "c"],
    [1, "d"],
  ] as const)
    store.append(stream, text);
  expect(texts(store, 1)).toEqual(["a", "c", "d"]);
  expect(store.after(1, 1)).toMatchObject([
    { number: 3, text: "c" },
    { number: 4, text: "d" },
  ]);
  expect(texts(store, 1, 4)).toEqual([]);
  expect(texts(store, 3)).toEqual([]);
});

test("at most 1,000 events are kept, and the oldest are dropped first", () => {
  const store = new EventStore();
  for (let number = 1; number <= 1_000; number++) store.append(0, String(number));
  expect(texts(store, 0)[0]).toBe("1");
  for (let number = 1_001; number <= 3_456; number++) {
    store.append(0, String(number));
    expect(store.size).toBe(1_000);
  }
  expect(texts(store, 0).at(0)).toBe("2457");
  expect(texts(store, 0).at(-1)).toBe("3456");
});

test("at most 1 MiB is kept, and the oldest events are dropped first", () => {
  const store = new EventStore();
  const quarter = "x".repeat(256 * 1024);
  for (let round = 0; round < 4; round++) store.append(0, quarter);
  expect(store.size).toBe(4);
  store.append(0, "y");
  expect(store.size).toBe(4);
  expect(store.after(0, 0)[0]?.number).toBe(2);
  for (let round = 0; round < 1_000; round++) store.append(0, quarter);
  expect(store.size).toBe(4);
});

test("an event that is too large by itself is numbered but not kept", () => {
  const store = new EventStore();
  store.append(0, "before");
  expect(store.append(0, "x".repeat(1024 * 1024 + 1))).toBe(2);
  store.append(0, "after");
  expect(store.after(0, 0)).toMatchObject([{ text: "before" }, { number: 3, text: "after" }]);
});

test("an error with its id is kept instead of an answer that is too large", () => {
  const store = new EventStore();
  store.append(1, `{"jsonrpc":"2.0","id":"a","result":"${"x".repeat(1024 * 1024)}"}`);
  const [kept] = store.after(1, 0);
  expect(JSON.parse(kept!.text)).toMatchObject({
    id: "a",
    error: { message: expect.stringContaining("too large") as string },
  });
});
