/** What a person who starts a gateway is told, and when. */
import { expect } from "vitest";
import { lineForPeople } from "../../log-line.ts";
import { until } from "../../fixtures/harness.ts";
import { test } from "../../fixtures/process.ts";
import { VERSION } from "../../version.ts";

test.concurrent("the first line comes before the server is up", async ({ run }) => {
  const gateway = await run({ child: ["--mute", "installing"], flags: ["--log-level", "debug"], begun: /installing/ });
  await until("it is told", () => gateway.other !== "");
  expect(gateway.other).toBe(`gangway ${VERSION}, starting fixture\n`);
});

test.concurrent("Ctrl-C says how many calls it waits for, and when it is over", async ({ run }) => {
  const gateway = await run();
  const caller = await gateway.client().open();
  const call = caller.text("slow", { ms: 1_500 });
  await caller.text("echo"); // the call before it has arrived
  gateway.kill("SIGINT");
  expect(await call).toBe("done");
  expect(await gateway.exited).toBe(0);
  expect(gateway.other).toContain("stopping: waiting for 1 call; Ctrl-C again stops at once\n");
  expect(gateway.other).toMatch(/stopped\n$/);
});

test.concurrent("with --log-format pretty the log is for people, also in a pipe", async ({ run }) => {
  const gateway = await run({ flags: ["--log-format", "pretty"], begun: /listening/ });
  expect(gateway.log).toMatch(/^\d\d:\d\d:\d\d {2}info {3}fixture {2}service {2}state=up tools=\d+$/m);
  expect(gateway.log).not.toContain("{");
});

test.concurrent("with LOG_FORMAT=pretty a container's log is for people, and is JSON without", async ({ run }) => {
  const pretty = await run({ env: { LOG_FORMAT: "pretty" }, begun: /listening/ });
  expect(pretty.log).toMatch(/^\d\d:\d\d:\d\d {2}info {3}/);
  const json = await run({ env: {} });
  const [first = ""] = json.log.split("\n");
  expect(lineForPeople(first)).not.toBe(first);
});
