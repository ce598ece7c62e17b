import { Fn, Tokenization } from "cdktf";
import { describe, expect, test } from "vitest";
import { withoutTraces } from "./without-traces.ts";

/** The calls that cdktf has noted with a value. */
const callsOf = (value: string) => Tokenization.reverseString(value).firstToken?.creationStack;

describe("without traces", () => {
  test("cdktf notes no calls with a value, and does so again afterwards", async () => {
    expect(await withoutTraces(async () => callsOf(Fn.uuid()))).toEqual([]);
    expect(callsOf(Fn.uuid())).not.toEqual([]);
    expect(new Error("later").stack).toContain("without-traces.test");
  });

  test("what fails says what is wrong, and errors have their stack again", async () => {
    const failing = withoutTraces(() => Promise.reject(new Error("it is wrong")));
    await expect(failing).rejects.toThrow("it is wrong");
    expect(new Error("later").stack).toContain("without-traces.test");
  });
});
