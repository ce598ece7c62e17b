import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gatewayOptions, serverOptions, serviceOptions, sharedOptions } from "../../gateways/config.ts";
import { readSettings } from "../settings.ts";
import { keptAtStart, limitsAllCallers, passedAtStart, problemsAtStart, unusedAtStart } from "./start-variables.ts";

const options = Object.values({ ...serverOptions, ...serviceOptions, ...sharedOptions, ...gatewayOptions });
const variables = options.map(({ env }) => env);

function settingsWith(name: string, value: string, env: Record<string, string> = {}) {
  const file = join(mkdtempSync(join(tmpdir(), "start-variables-")), ".env");
  writeFileSync(file, `${name}='${value}'\n`);
  return readSettings([], { env, file });
}

const masters = serverOptions.token.env;

test.each(variables.filter((name) => name !== masters))(
  "%s in .env reaches the gateway of npm start, or is named as without effect",
  (name) => {
    const settings = settingsWith(name, "a value");
    const given = settings.environmentWith(passedAtStart, keptAtStart)[name];
    const told = unusedAtStart(settings).filter((line) =>
      line.startsWith(`${name} (from .env) has no effect with npm start: `),
    );
    expect([given, told.length]).toEqual(keptAtStart.includes(name) ? [undefined, 1] : ["a value", 0]);
  },
);

test("those that have no effect are kept from the gateway, also where the environment has them", () => {
  const env = { HOST: "x86_64-conda-linux-gnu", LOG_LEVEL: "debug", PATH: "/bin" };
  const settings = settingsWith("PORT", "1", env);
  expect(settings.environmentWith(passedAtStart, keptAtStart)).toEqual({ LOG_LEVEL: "debug", PATH: "/bin" });
  expect(unusedAtStart(settings)).toEqual([
    "HOST (from the environment) has no effect with npm start: npm start listens on 127.0.0.1.",
    "PORT (from .env) has no effect with npm start: the hub's is HUB_PORT, that of a service PORT_<SERVICE>.",
  ]);
});

test("a master token stays with npm start: its gateway has digests", () => {
  expect(settingsWith(masters, "m").environmentWith(passedAtStart, keptAtStart)).toEqual({});
});

test("a rate in .env limits the callers of this machine, too", () => {
  expect(limitsAllCallers(settingsWith("REQUEST_RATE", "5/s"))).toBe(true);
  expect(limitsAllCallers(settingsWith("LOG_LEVEL", "debug"))).toBe(false);
});

test("a value that the gateway could not read is named with where it comes from, and not shown", () => {
  expect(problemsAtStart(settingsWith("IDLE_TTL", "soon-4711"))).toEqual([
    expect.stringMatching(/^IDLE_TTL \(from \.env\): expected (?!.*4711)/),
  ]);
  expect(problemsAtStart(settingsWith("LOG_LEVEL", "info", { MAX_BODY: "much" }))).toEqual([
    expect.stringMatching(/^MAX_BODY \(from the environment\): expected /),
  ]);
  expect(problemsAtStart(settingsWith("ALLOWED_ORIGINS", "https://a.example/page"))[0]).toContain("(from .env)");
  expect(problemsAtStart(settingsWith("HOST", "x86_64-conda-linux-gnu"))).toEqual([]);
});
