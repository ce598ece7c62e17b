/** Whatever a server writes, or does not read, it never harms the gateway or another session. */
import { expect } from "vitest";
import { seesPids, test, until } from "../../fixtures/harness.ts";

const MiB = 1024 * 1024;

test("an answer of 10 MiB whose characters are split over chunks arrives intact", async ({ start }) => {
  const { open } = await start({ service: { isolation: "shared" } });
  const client = await open();
  const text = await client.text("big", { bytes: 10 * MiB });
  expect(text.length).toBe(Math.floor((10 * MiB) / 3));
  expect(/^\u20ac*$/.test(text)).toBe(true);
});

for (const isolation of ["shared", "session"] as const) {
  test(`log output between the messages is skipped, isolation ${isolation}`, async ({ start }) => {
    const { open, log } = await start({ child: ["--noisy"], service: { isolation } });
    const client = await open();
    for (let calls = 1; calls <= 20; calls++) expect(await client.text("count")).toBe(`${calls}`);
    expect(await client.text("progress", { times: 2, text: "p" }, { progressToken: 1 })).toBe("p");
    expect(log.join("")).not.toMatch(/log noise/);
  });
}

test.runIf(seesPids)("a server that writes an endless line is ended, and no other", async ({ start, roll }) => {
  const { open } = await start({ child: ["--roll", roll.folder], service: { maxLine: MiB } });
  const [broken, other] = [await open(), await open()];
  const pid = Number(await broken.text("pid"));
  expect(await other.text("count")).toBe("1");
  const { error } = await broken.tool("endless");
  expect(error?.message).toMatch(/wrote a line over 1048576 bytes/);
  await until("it is gone", () => !roll.living.includes(pid));
  expect(await other.text("count")).toBe("2");
  expect(await broken.text("count")).toBe("1");
});

test("calls to a server that does not read its input are refused at a limit, and no other session waits", async ({
  start,
}) => {
  const { open, service } = await start();
  const [deaf, other] = [await open(), await open()];
  await deaf.text("deaf");
  const text = "x".repeat(9 * MiB);
  const call = (id: number) => deaf.tool("echo", { text }, { id });
  const held = [];
  for (let id = 1; id <= 8; id++) {
    held.push(call(id));
    await until("the call is open", () => service.openCalls === id);
  }
  expect((await call(9)).error).toMatchObject({
    code: -32000,
    message: expect.stringMatching(/does not read/) as string,
  });
  expect(await other.text("count")).toBe("1");
  // A call can be cancelled although the server does not read the cancellation.
  await deaf.cancel(1);
  expect((await held[0])?.error?.code).toBe(-32800);
  await deaf.end();
  for (const answer of await Promise.all(held)) expect(answer.result).toBeUndefined();
  expect(service.openCalls).toBe(0);
});
