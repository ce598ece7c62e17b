import { expect, test } from "vitest";
import { freePort, hold, isTaken } from "./ports.ts";

test("a port is taken for as long as it is held", async () => {
  const { port, release } = await hold(0);
  expect(await isTaken(port)).toBe(true);
  await expect(hold(port)).rejects.toThrow("EADDRINUSE");
  await release();
  expect(await isTaken(port)).toBe(false);
});

test("a free port can be held", async () => {
  const { release } = await hold(await freePort());
  await release();
});
