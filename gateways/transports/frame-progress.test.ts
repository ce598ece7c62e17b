import { expect, test } from "vitest";
import { frame } from "../fixtures/raw-frames.ts";
import { FrameProgress } from "./frame-progress.ts";

const stateOf = ({ bytes, frames, pieces }: FrameProgress) => ({ bytes, frames, pieces });
const NOTHING = { bytes: 0, frames: 0, pieces: 0 };

const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 100_000];

test.each(LENGTHS)("a whole message of %i bytes leaves nothing, however it comes", (length) => {
  for (const masked of [true, false]) {
    const one = frame({ content: "x".repeat(length), masked });
    const bytes = Buffer.concat([one, one]);
    for (const size of [1, 3, 7, 1_000, one.length, one.length + 1, bytes.length]) {
      const progress = new FrameProgress();
      for (let at = 0; at < bytes.length; at += size) progress.read(bytes.subarray(at, at + size));
      expect(stateOf(progress)).toEqual(NOTHING);
    }
  }
});

test("what has come of a message is known after each byte, whatever the protocol sends in between", () => {
  const progress = new FrameProgress();
  const parts = [
    frame({ content: "x".repeat(300), fin: false }),
    frame({ opcode: 9, content: "ping" }),
    frame({ opcode: 0, content: "", fin: false }),
    frame({ opcode: 0, content: "y".repeat(10), fin: false }),
  ];
  for (const part of parts) for (const byte of part) progress.read(Buffer.from([byte]));
  expect(stateOf(progress)).toMatchObject({ bytes: 310, frames: 3 });
  expect(progress.pieces).toBeGreaterThan(310);
  progress.read(frame({ opcode: 0, content: "z" }));
  expect(stateOf(progress)).toEqual(NOTHING);
});

test("a piece may end one message and begin the next", () => {
  const progress = new FrameProgress();
  const next = frame({ content: "next", fin: false });
  progress.read(frame({ content: "x" }));
  progress.read(Buffer.concat([frame({ content: "y" }), next.subarray(0, -1)]));
  expect(stateOf(progress)).toEqual({ bytes: 3, frames: 1, pieces: 1 });
});
