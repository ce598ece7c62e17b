/** Which services get a sandbox, and what is said of the others. */
import { expect, test } from "vitest";
import type { ServerConfig } from "./config.ts";
import { sandboxFor, withoutSandbox } from "./sandboxes.ts";

const WORKS = () => ({ program: "/usr/bin/bwrap" });
const NONE = () => ({ reason: "bubblewrap is not installed", remedy: "Install it." });
const service = (sandbox: boolean | "auto", server: Partial<Extract<ServerConfig, { kind: "stdio" }>> = {}) => ({
  name: "memory",
  sandbox,
  server: { kind: "stdio", command: "npx", args: [], env: {}, cwd: undefined, ...server } as const,
});

test.for<[what: string, asked: ReturnType<typeof service>, has: boolean]>([
  ["auto", service("auto"), true],
  ["true", service(true), true],
  ["false", service(false), false],
  ["a container of its own", service(true, { socket: "/run/server/socket" }), false],
  ["docker", service("auto", { command: "/usr/bin/docker" }), false],
])("%s", ([, asked, has]) => {
  expect(sandboxFor(asked, WORKS) !== undefined).toBe(has);
  expect(withoutSandbox([asked], WORKS)).toBe(undefined);
});

test("true without one is an error that says what to do", () => {
  expect(() => sandboxFor(service(true), NONE)).toThrow(
    /^memory: got sandbox true, but there is none: bubblewrap is not installed\. Install it\. Or set/,
  );
});

test("auto without one is told in a line, with whoever was to have no network", () => {
  expect(sandboxFor(service("auto"), NONE)).toBe(undefined);
  expect(withoutSandbox([service(false)], NONE)).toBe(undefined);
  expect(withoutSandbox([service("auto", { egress: "none" })], NONE)).toMatch(
    /^no sandbox: bubblewrap .* Install it\. memory: with a network/,
  );
});
