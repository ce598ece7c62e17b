/** A server in a container of its own, as far as one machine shows it: its runner starts it, at a Unix socket. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { test, until, type AtEnd, type Running } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { TestRunner, withoutPerl } from "../../fixtures/runner.ts";

if (withoutPerl !== undefined) console.log(`servers in containers of their own: skipped, ${withoutPerl}`);

const runnerOf = (flags: readonly string[], atEnd: AtEnd) => new TestRunner(flags, atEnd).start();

const refusal = async ({ client }: Running) => {
  const response = await client().initialize();
  return { status: response.status, text: await response.text() };
};

describe.skipIf(withoutPerl !== undefined)("by its runner", () => {
  for (const isolation of ["shared", "session"] as const) {
    test(`a server answers, whole and in order, isolation ${isolation}`, async ({ start, roll, onTestFinished }) => {
      const runner = await runnerOf(["--roll", roll.folder], onTestFinished);
      const { open, service } = await start({ service: { isolation, server: runner.server() } });
      expect(service.error).toBeUndefined();
      const client = await open();
      const texts = Array.from({ length: 20 }, () => randomBytes(40_000).toString("base64url"));
      expect(await Promise.all(texts.map((text) => client.text("echo", { text })))).toEqual(texts);
      expect(roll.living).toContain(Number(await client.text("pid")));
    });

    test(`how it ended and what it wrote last are told as of a child, isolation ${isolation}`, async ({
      start,
      onTestFinished,
    }) => {
      const runner = await runnerOf(["--exit", "KEY is not set"], onTestFinished);
      const there = await start({ service: { isolation, server: runner.server() } });
      const here = await start({ child: ["--exit", "KEY is not set"], service: { isolation } });
      expect(await refusal(there)).toEqual(await refusal(here));
      expect(there.log.some((line) => line.includes("KEY is not set") && !line.includes('"debug"'))).toBe(true);
    });
  }

  test("a modern client is answered, too", async ({ start, onTestFinished }) => {
    const runner = await runnerOf([], onTestFinished);
    const client = new ModernClient(await start({ service: { server: runner.server() } }));
    expect(await client.text("echo", { text: "hello" })).toBe("hello");
  });

  test("variables arrive as they are, and the container's own stay", async ({ start, onTestFinished }) => {
    const runner = await runnerOf([], onTestFinished);
    const odd = { ODD: "a=b\nc%0A é ☃ \t'\"", EMPTY: "" };
    const { open } = await start({ service: { server: runner.server(odd) } });
    const client = await open();
    for (const [name, value] of Object.entries(odd)) expect(await client.text("env", { name })).toBe(value);
    expect(await client.text("env", { name: "PATH" })).toBe(process.env["PATH"]);
  });

  test("with everything that it has started it is gone when the gateway has stopped", async ({
    start,
    roll,
    onTestFinished,
  }) => {
    const runner = await runnerOf(["--stubborn", "--grandchild", "--roll", roll.folder], onTestFinished);
    const { gateway } = await start({ service: { isolation: "shared", server: runner.server() } });
    await until("both live", () => roll.living.length === 2);
    await gateway.stop();
    await until("both are gone", () => roll.living.length === 0);
  });

  test("a session's process ends with it, and a server that crashes is started again", async ({
    start,
    roll,
    onTestFinished,
  }) => {
    const runner = await runnerOf(["--roll", roll.folder], onTestFinished);
    const { open } = await start({ service: { server: runner.server() } });
    const client = await open();
    const first = Number(await client.text("pid"));
    await client.tool("crash");
    const second = Number(await client.text("pid"));
    expect(second).not.toBe(first);
    await client.end();
    await until("it is gone", () => !roll.living.includes(second));
  });

  test("without a container it says what it waits for, and is up when that has come", async ({
    start,
    onTestFinished,
  }) => {
    const runner = new TestRunner([], onTestFinished);
    const running = await start({ service: { isolation: "shared", server: runner.server() } });
    expect((await refusal(running)).text).toContain("its container cannot be reached");
    expect(running.service.error).toContain(`Nothing answers at ${runner.socket} (ENOENT)`);
    await runner.start();
    await until("it is up", () => running.service.ready);
  });

  test.for(["SIGINT", "SIGKILL"] as const)(
    "a container that ends by %s and comes again serves again",
    async (signal, { start, roll, onTestFinished }) => {
      const runner = await runnerOf(["--roll", roll.folder], onTestFinished);
      const { open, service } = await start({ service: { isolation: "shared", server: runner.server() } });
      const client = await open();
      const before = Number(await client.text("pid"));
      await runner.stop(signal);
      if (signal === "SIGKILL") rmSync(runner.socket); // the next one would take its place, as it is the same path
      await until("the first one is gone", () => !roll.living.includes(before));
      await runner.start();
      await until("it is up again", () => service.ready && roll.living.length > 0);
      expect(Number(await client.text("pid"))).not.toBe(before);
    },
  );

  test("a container that is told to stop keeps serving until its gateway has ended", async ({
    start,
    roll,
    onTestFinished,
  }) => {
    const runner = await runnerOf(["--roll", roll.folder], onTestFinished);
    const { open, gateway } = await start({ service: { server: runner.server() } });
    const client = await open();
    const before = await client.text("pid");
    const stopped = runner.stop("SIGTERM");
    expect(await client.text("pid")).toBe(before);
    expect(await (await open()).text("pid")).not.toBe(before); // a new process, too
    await gateway.stop();
    await stopped;
    expect(roll.living).toEqual([]);
  });

  test("a command that is not there is told", async ({ start, onTestFinished }) => {
    const runner = await new TestRunner([], onTestFinished).start(["/no/such/program"]);
    const running = await start({ service: { isolation: "shared", server: runner.server() } });
    expect((await refusal(running)).text).toContain("cannot be started in its container");
    expect(running.service.error).toContain("Its container says of its command: No such file or directory");
  });

  test("when a gateway is killed, the processes that it has started end", async ({ roll, onTestFinished }) => {
    const runner = await runnerOf(["--stubborn", "--roll", roll.folder], onTestFinished);
    const key = randomBytes(16).toString("hex");
    const control = connect(runner.socket).on("error", () => {});
    control.write(`control ${key}\n`);
    const served = connect(runner.socket).on("error", () => {});
    served.write(`serve ${key} 1 0\n`);
    const [told] = (await once(control, "data")) as [Buffer];
    expect(String(told)).toMatch(/^1 started \d+\n/);
    await until("it lives", () => roll.living.length === 1);
    control.destroy();
    await until("it is gone", () => roll.living.length === 0);
    served.destroy();
  });

  test("a gateway that comes while a process ends is heard", async ({ onTestFinished }) => {
    const runner = await runnerOf([], onTestFinished);
    const key = randomBytes(16).toString("hex");
    const control = connect(runner.socket).on("error", () => {});
    control.write("control ");
    for (let times = 0; times < 20; times++) {
      await sleep(10);
      runner.interrupt();
    }
    control.write(`${key}\n`);
    const served = connect(runner.socket).on("error", () => {});
    served.write(`serve ${key} 1 0\n`);
    const [told] = (await once(control, "data")) as [Buffer];
    expect(String(told)).toMatch(/^1 started \d+\n/);
    control.destroy();
    served.destroy();
  });

  test.for([
    "",
    "\n",
    "control\n",
    "control short\n",
    "serve 0123456789abcdef0123456789abcdef 1 0\n",
    "serve 0123456789abcdef0123456789abcdef x 0\n",
    `${"x".repeat(100_000)}\n`,
    "\0\x01\xff\n",
  ])(
    "a stranger at the socket starts nothing, and is in nobody's way: %j",
    async (said, { roll, onTestFinished, start }) => {
      const runner = await runnerOf(["--roll", roll.folder], onTestFinished);
      const stranger = connect(runner.socket).on("error", () => {});
      stranger.write(said, "latin1");
      const { service } = await start({ service: { isolation: "shared", server: runner.server() } });
      await until("it is up", () => service.ready);
      expect(roll.all).toHaveLength(1);
      stranger.destroy();
    },
  );

  test.for([
    "1 started 1\n1 err 999999999\n",
    "no report\n",
    "x".repeat(5_000),
    "1 exit 0 0\n1 exit 0 0\n1 started 2\n",
  ])(
    "a program that only pretends to be a runner fails its own service alone: %j",
    async (said, { start, onTestFinished }) => {
      const runner = new TestRunner([], onTestFinished);
      const sockets = new Set<Socket>();
      const liar = createServer((socket) => {
        sockets.add(socket.on("error", () => {}));
        socket.write(said);
      }).listen(runner.socket);
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
        liar.close();
      });
      const service = { isolation: "shared", startTimeout: 2_000, server: runner.server() } as const;
      const running = await start({ service });
      expect((await refusal(running)).status).toBe(503);
      expect((await running.probe("/health")).status).toBe(200);
    },
  );

  test("what has taken its place and never hangs up is hung up on", async ({ start, onTestFinished }) => {
    const runner = new TestRunner([], onTestFinished);
    const connections = new Set<Socket>();
    const talker = createServer({ allowHalfOpen: true }, (socket) => {
      connections.add(socket);
      const talks = setInterval(() => socket.write("7 started 1\n"), 20);
      socket
        .on("error", () => {})
        .on("close", () => {
          clearInterval(talks);
          connections.delete(socket);
        });
    }).listen(runner.socket);
    onTestFinished(() => void talker.close());
    const running = await start({ service: { isolation: "session", startTimeout: 1_000, server: runner.server() } });
    expect((await refusal(running)).status).toBe(503);
    await until("all connections are closed", () => connections.size === 0);
  });
});
