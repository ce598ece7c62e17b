import { expect, test } from "vitest";
import { EventStore } from "./event-store.ts";
import { readEventId, Stream, type Carrier } from "./stream.ts";

/** A carrier that writes down what it is given. */
function carrier(): Carrier & { readonly got: string[] } {
  const got: string[] = [];
  return { got, event: (id, text) => void got.push(`${id} ${text}`), end: () => void got.push("end") };
}

test("a message goes to the carrier at once, with the stream and the event in its id", () => {
  const stream = new Stream(7, new EventStore());
  const connection = carrier();
  stream.attach(connection);
  stream.send("a");
  expect(connection.got).toEqual(["7-1 a"]);
});

test("messages sent while the stream has no carrier are delivered to the next one, once and in order", () => {
  const stream = new Stream(1, new EventStore());
  stream.send("a");
  stream.send("b");
  const first = carrier();
  stream.attach(first);
  stream.detach(first);
  stream.send("c");
  const second = carrier();
  stream.attach(second);
  expect(first.got).toEqual(["1-1 a", "1-2 b"]);
  expect(second.got).toEqual(["1-3 c"]);
});

test("a client that resumes gets every later event of its stream, and none of another", () => {
  const store = new EventStore();
  const stream = new Stream(1, store);
  const lost = carrier();
  stream.attach(lost);
  stream.send("a");
  new Stream(2, store).send("foreign");
  stream.send("b");
  stream.send("c");
  stream.detach(lost);
  const resumed = carrier();
  stream.attach(resumed, 1);
  stream.send("d");
  expect(resumed.got).toEqual(["1-3 b", "1-4 c", "1-5 d"]);
});

test("a new carrier takes over and ends the one before", () => {
  const stream = new Stream(0, new EventStore());
  const [first, second] = [carrier(), carrier()];
  stream.attach(first);
  stream.attach(second);
  stream.send("a");
  expect(first.got).toEqual(["end"]);
  expect(second.got).toEqual(["0-1 a"]);
});

test("a replaced carrier has no effect when it closes", () => {
  const stream = new Stream(0, new EventStore());
  const [first, second] = [carrier(), carrier()];
  stream.attach(first);
  stream.attach(second);
  stream.detach(first);
  expect(stream.attached).toBe(true);
  stream.detach(second);
  expect(stream.attached).toBe(false);
});

test("ending a stream ends its carrier once; later messages wait for another", () => {
  const stream = new Stream(0, new EventStore());
  const connection = carrier();
  stream.attach(connection);
  stream.end();
  stream.end();
  stream.send("late");
  expect(connection.got).toEqual(["end"]);
  expect(stream.attached).toBe(false);
});

test("an event id is read back, and a foreign one is ignored", () => {
  const stream = new Stream(30, new EventStore());
  expect(readEventId(stream.eventId(12))).toEqual({ stream: 30, number: 12 });
  expect(readEventId("0-0")).toEqual({ stream: 0, number: 0 });
  for (const foreign of [
    "",
    "3",
    "3-",
    "-3",
    "3-4-5",
    "a-1",
    "3-1 ",
    " 3-1",
    "3.0-1",
    "1e3-1",
    `1-${"9".repeat(16)}`,
  ]) {
    expect(readEventId(foreign), `reading ${foreign}`).toBeUndefined();
  }
});
