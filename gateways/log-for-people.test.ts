import { expect, test } from "vitest";
import { plain } from "./colours.ts";
import type { LogLevel } from "./log-levels.ts";
import { LogForPeople } from "./log-for-people.ts";

function screen(level: LogLevel = "warn") {
  const shown: string[] = [];
  let now = 0;
  const log = new LogForPeople({ write: (text) => shown.push(text), paint: plain, level, now: () => now });
  const say = (fields: object) => log.take(`${JSON.stringify({ level: "warn", ...fields })}\n`);
  return { log, shown, say, wait: (ms: number) => (now += ms) };
}

const failed = { child: "files[12]", reason: "exit code 1", msg: "server ended by itself" };

test("a failure that comes again and again is told once, until it has become news", () => {
  const { shown, say, wait } = screen();
  for (let time = 0; time < 40; time++) say({ ...failed, child: `files[${time}]` });
  say({ ...failed, reason: "exit code 2" });
  expect(shown).toEqual([
    "warn   files  server ended by itself: exit code 1\n",
    "warn   files  server ended by itself: exit code 2\n",
  ]);
  wait(700_000);
  say(failed);
  expect(shown).toHaveLength(3);
});

test("what the line about a service tells is told there, and not again when it is retried", () => {
  const { log, shown, say } = screen();
  log.starts("files");
  say(failed);
  say({ child: "memory[1]", reason: "gone", msg: "server ended by itself" });
  log.settled("files");
  say(failed);
  expect(shown).toEqual(["warn   memory  server ended by itself: gone\n"]);
});

test("what a server writes is shown when its start takes long", () => {
  const { log, shown, say, wait } = screen();
  const stderr = (text: string) => say({ level: "debug", child: "files[1]", stderr: text, msg: "standard error" });
  log.starts("files");
  stderr("added 1 package");
  expect(shown).toEqual([]);
  wait(5_001);
  stderr("added 2 packages\nready");
  expect(shown).toEqual(["  files | added 1 package\n", "  files | added 2 packages\n", "  files | ready\n"]);
  log.settled("files");
  stderr("later");
  expect(shown).toHaveLength(3);
});

test("lines below the level are not shown, and lines that are no JSON are", () => {
  const { log, shown, say } = screen();
  say({ level: "info", msg: "listening" });
  log.take("plain words\n");
  expect(shown).toEqual(["plain words\n"]);
  const silent = screen("silent");
  silent.say(failed);
  expect(silent.shown).toEqual([]);
});
