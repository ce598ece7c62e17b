import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { timesAsLong } from "../fixtures/duration.ts";
import { LineReader } from "./framing.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A reader that records the lines it emits. */
function record(maxBytes = 1_000) {
  const lines: string[] = [];
  let overflows = 0;
  const reader = new LineReader(
    maxBytes,
    (line) => lines.push(line),
    () => overflows++,
  );
  const push = (text: string | Buffer) => reader.push(Buffer.from(text));
  return { lines, push, overflows: () => overflows };
}

test("lines come out one by one, however they are cut into chunks", () => {
  const text = "one\ntwo\nthree\n";
  for (let size = 1; size <= text.length; size++) {
    const { lines, push } = record();
    for (let at = 0; at < text.length; at += size) push(text.slice(at, at + size));
    expect(lines).toEqual(["one", "two", "three"]);
  }
});

test("a line comes out only once its line break has arrived", () => {
  const { lines, push } = record();
  push("half");
  expect(lines).toEqual([]);
  push(" and half\nnext");
  expect(lines).toEqual(["half and half"]);
});

test("a character that is split over chunks comes out whole", () => {
  const { lines, push } = record();
  for (const byte of Buffer.from("é☃😀\n")) push(Buffer.from([byte]));
  expect(Buffer.from(lines[0] as string, "latin1").toString("utf8")).toBe("é☃😀");
});

test("bytes that are not UTF-8 come out as they went in", () => {
  const { lines, push } = record();
  const all = Buffer.from(
    Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0a && byte !== 0x0d),
  );
  push(Buffer.concat([all, Buffer.from("\n")]));
  expect(Buffer.from(lines[0] as string, "latin1").equals(all)).toBe(true);
});

test("a line may end with CR, LF or both, even when a chunk ends between the two", () => {
  const { lines, push } = record();
  push("a\r\nb\r");
  push("\nc\rd\ne\r");
  expect(lines).toEqual(["a", "b", "c", "d", "e"]);
});

test("empty lines are left out", () => {
  const { lines, push } = record();
  push("\n\r\n");
  push("");
  push("\nx\n\r\ry\n\n");
  expect(lines).toEqual(["x", "y"]);
});

test("overwriting a chunk does not change a line that has already come out", () => {
  const { lines, push } = record();
  const chunk = Buffer.from("kept\n");
  push(chunk);
  chunk.fill("x");
  expect(lines).toEqual(["kept"]);
});

test("a line of exactly the limit passes, one byte more does not", () => {
  const exact = record(4);
  exact.push("1234\n");
  exact.push("12");
  exact.push("34\n");
  exact.push("1234\n");
  expect([exact.lines, exact.overflows()]).toEqual([["1234", "1234", "1234"], 0]);
  const whole = record(4);
  whole.push("12345\n");
  expect([whole.lines, whole.overflows()]).toEqual([[], 1]);
  const split = record(4);
  split.push("123");
  split.push("45\n");
  expect([split.lines, split.overflows()]).toEqual([[], 1]);
});

test("an endless line is dropped as soon as it exceeds the limit, not kept in memory", () => {
  const { lines, push, overflows } = record(100_000);
  for (let chunk = 0; chunk < 4; chunk++) push(Buffer.alloc(25_000, "x"));
  expect(overflows()).toBe(0);
  push("x");
  expect([lines, overflows()]).toEqual([[], 1]);
});

test("the start of a dropped line is forgotten and no longer counts", () => {
  const { lines, push, overflows } = record(4);
  push("12345");
  push("123");
  push("4\n");
  expect([lines, overflows()]).toEqual([["1234"], 1]);
});

test("the limit applies to each line, not to their sum", () => {
  const { lines, push, overflows } = record(10);
  for (let line = 0; line < 100; line++) push("12345\n12345\n12");
  expect(lines).toHaveLength(200);
  expect(overflows()).toBe(0);
});

test("a 40 MB line in chunks of 64 KB takes time linear in its length", () => {
  const chunks = Array.from({ length: 640 }, () => Buffer.alloc(64 * 1024, "x"));
  const read = () => {
    const { lines, push } = record(64 * 1024 * 1024);
    for (const chunk of chunks) push(chunk);
    push("\n");
    expect(lines[0]).toHaveLength(640 * 64 * 1024);
  };
  const copied = () => void Buffer.concat(chunks).toString("latin1");
  expect(timesAsLong(read, copied, 40)).toBeLessThan(40); // copying everything again for each chunk would be 320 times
});

test("a line whose every byte is a chunk of its own costs little more than its bytes", () => {
  const { push } = record(64 * 1024 * 1024);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let byte = 0; byte < 500_000; byte++) push("x");
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000); // 100 bytes for each would be 50,000,000
  push("\n");
});

test("small and large pieces of a line come out in their order", () => {
  const sizes = [1, 1, 2_000, 3, 1_024, 1_023, 1_023, 5, 40_000, 1, ...Array.from({ length: 40 }, () => 1_000)];
  for (const from of [0, 1, 2, 5]) {
    const { lines, push } = record(1_000_000);
    const pieces = sizes.slice(from).map((size, at) => String.fromCharCode(97 + (at % 26)).repeat(size));
    for (let times = 0; times < 2; times++) {
      for (const piece of pieces) push(piece);
      push("\n");
    }
    expect(lines).toEqual([pieces.join(""), pieces.join("")]);
  }
});
