/** Whether the gateway ends with what started it, and only then: a signal that ends npx never reaches the gateway. */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { child, test as withRoll, until, type AtEnd } from "../../fixtures/harness.ts";
import { endProcesses, makeFolder } from "../../fixtures/leftovers.ts";

const project = join(import.meta.dirname, "../../..");
const main = join(project, "gateways/main.ts");

/** A gateway that something else has started. */
interface Started {
  /** Sends a signal to what started it, and to nothing else. */
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Does what Ctrl-C does in a terminal. */
  readonly interrupt: () => void;
  readonly starterEnded: Promise<unknown>;
  readonly port: number;
}

/** A test that can start a gateway by a command line. */
const test = withRoll.extend<{ starts: (words: readonly string[], flags: readonly string[]) => Promise<Started> }>({
  starts: ({ onTestFinished }, use) => use((words, flags) => startBy(words, flags, onTestFinished)),
});

async function startBy(words: readonly string[], flags: readonly string[], atEnd: AtEnd): Promise<Started> {
  const folder = makeFolder("parents-");
  const log = join(folder, "log");
  const output = openSync(log, "w");
  const [command = "", ...args] = [...words, ...flags];
  const env = { ...process.env, TMPDIR: folder, npm_config_update_notifier: "false" };
  const starter = spawn(command, args, { cwd: project, env, stdio: ["ignore", output, output], detached: true });
  closeSync(output);
  const starterEnded = new Promise((resolve) => starter.once("exit", resolve));
  atEnd(() => endProcesses(folder).then(() => undefined));
  const portIn = () => /"port":(\d+),"msg":"listening"/.exec(readFileSync(log, "utf8"))?.[1];
  await until("the gateway listens", portIn);
  return {
    kill: (signal) => void starter.kill(signal),
    interrupt: () => void process.kill(-starter.pid!, "SIGINT"),
    starterEnded,
    port: Number(portIn()),
  };
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(false)));
    socket.once("error", () => resolve(true));
  });

/** The flags of a gateway with a server that registers itself. */
const flagsFor = (roll: string, ...more: string[]) => {
  const server = ["--stdio", child("--roll", roll), "--name", "fixture", "--port", "0"];
  return [...server, "--log-level", "info", ...more];
};

// npm gives SIGINT to its shell, which waits for the gateway: see Ctrl-C below.
for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const) {
  test(`${signal} to npx alone ends the gateway and its servers, and frees the port`, async ({ starts, roll }) => {
    const gateway = await starts(["npx", "gangway"], flagsFor(roll.folder));
    gateway.kill(signal);
    await gateway.starterEnded;
    await until("the port is free", () => isFree(gateway.port));
    await until("its servers have ended", () => roll.living.length === 0);
  });
}

test("Ctrl-C, which reaches npx, its shell and the gateway, ends them all", async ({ starts, roll }) => {
  const gateway = await starts(["npx", "gangway"], flagsFor(roll.folder));
  gateway.interrupt();
  await gateway.starterEnded;
  expect([await isFree(gateway.port), roll.living]).toEqual([true, []]);
});

const aWhile = () => sleep(3_000);

test("a gateway that a shell has left in the background lives on", async ({ starts, roll }) => {
  const inBackground = ["sh", "-c", 'nohup "$@" &', "sh", process.execPath, main];
  const gateway = await starts(inBackground, flagsFor(roll.folder));
  await gateway.starterEnded;
  await aWhile();
  expect(await isFree(gateway.port)).toBe(false);
});

test("with --no-stop-with-parent it outlives npx, too", async ({ starts, roll }) => {
  const gateway = await starts(["npx", "gangway"], flagsFor(roll.folder, "--no-stop-with-parent"));
  gateway.kill("SIGKILL");
  await gateway.starterEnded;
  await aWhile();
  expect(await isFree(gateway.port)).toBe(false);
});

test("with --stop-with-parent it ends with any parent", async ({ starts, roll }) => {
  const waiting = ["sh", "-c", '"$@" & wait', "sh", process.execPath, main];
  const gateway = await starts(waiting, flagsFor(roll.folder, "--stop-with-parent"));
  gateway.kill("SIGKILL");
  await until("the port is free", () => isFree(gateway.port));
});
