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

test("what is sent while nothing carries the stream comes when something does, once and in its order", () => {
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

test("a client that says what it got last is given all that came after it, and nothing of another stream", () => {
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

test("a new carrier takes over, and the one before is ended", () => {
  const stream = new Stream(0, new EventStore());
  const [first, second] = [carrier(), carrier()];
  stream.attach(first);
  stream.attach(second);
  stream.send("a");
  expect(first.got).toEqual(["end"]);
  expect(second.got).toEqual(["0-1 a"]);
});

test("a carrier that has been replaced detaches nothing when it closes", () => {
  const stream = new Stream(0, new EventStore());
  const [first, second] = [carrier(), carrier()];
  stream.attach(first);
  stream.attach(second);
  stream.detach(first);
  expect(stream.attached).toBe(true);
  stream.detach(second);
  expect(stream.attached).toBe(false);
});

test("the end of a stream ends its carrier once; what is sent later waits for another", () => {
  const stream = new Stream(0, new EventStore());
  const connection = carrier();
  stream.attach(connection);
  stream.end();
  stream.end();
  stream.send("late");
  expect(connection.got).toEqual(["end"]);
  expect(stream.attached).toBe(false);
});

test("an event id is read back, and what is none of ours is none", () => {
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
