import { expect, test } from "vitest";
import { tryAgain } from "./try-again.ts";

/** Fails with these messages, one a try, and then succeeds. */
function failing(...messages: string[]) {
  let tries = 0;
  const work = () => {
    const message = messages[tries++];
    return message === undefined ? Promise.resolve("done") : Promise.reject(new Error(message));
  };
  return { work, tries: () => tries };
}

const DROPPED = "kex_exchange_identification: Connection closed by remote host";

test("a dropped connection is tried again, four times at most", async () => {
  expect(await tryAgain(failing(DROPPED, DROPPED, DROPPED).work, 1)).toBe("done");
  const { work, tries } = failing(...Array.from({ length: 9 }, () => DROPPED));
  await expect(tryAgain(work, 1)).rejects.toThrow(DROPPED);
  expect(tries()).toBe(4);
});

test.each(["Error response from daemon: pids limit not supported", "Error: No such container: x"])(
  "what Docker itself says is final: %s",
  async (message) => {
    const { work, tries } = failing(message);
    await expect(tryAgain(work, 1)).rejects.toThrow(message);
    expect(tries()).toBe(1);
  },
);
