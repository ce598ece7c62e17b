import { expect, test } from "vitest";
import { nextFree } from "../../gateways/ports.ts";
import { freePort, hold, isTaken, takenPort, takenSentence } from "./ports.ts";

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

test("a port that is taken is told with who has it, the variable and the next free one", async () => {
  const { port, release } = await hold(0);
  const next = await nextFree(port, "127.0.0.1");
  expect(next).toBeGreaterThan(port);
  const after = await nextFree(port, "127.0.0.1", [next!]);
  expect(after).toBeGreaterThan(next!);
  expect(await takenPort(port, "PORT_MEMORY")).toMatch(
    new RegExp(`^port ${port} is taken by .+: stop it, or set PORT_MEMORY=\\d+ in \\.env$`),
  );
  await release();
});

test("behind Docker's proxy is a container: that is what is named, and not the proxy", () => {
  const said = takenSentence(8082, "docker-proxy (pid 4711)", "PORT_MEMORY=8083");
  expect(said).toContain("docker ps --filter publish=8082");
  expect(said).not.toMatch(/docker-proxy|stop it/);
});
