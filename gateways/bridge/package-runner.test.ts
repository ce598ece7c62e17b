import { expect, test } from "vitest";
import { packageRunner } from "./package-runner.ts";

test.for([
  ["npx", ["-y", "server"], "npx"],
  ["/usr/bin/npx", ["server"], "npx"],
  ["env", ["API_KEY=x", "npx", "-y", "server"], "npx"],
  ["env", ["API_KEY=x", "node", "server.js"], undefined],
  ["npx.cmd", ["server"], "npx"],
  ["npm", ["exec", "--yes", "server"], "npm"],
  ["npm", ["start"], undefined],
  ["pnpm", ["dlx", "server"], "pnpm"],
  ["bunx", ["server"], "bunx"],
  ["uvx", ["server"], "uvx"],
  ["uv", ["tool", "run", "server"], "uv"],
  ["pipx", ["run", "server"], "pipx"],
  ["docker", ["run", "-i", "--rm", "mcp/time"], "docker"],
  ["docker", ["exec", "-i", "a", "b"], undefined],
  ["node", ["server.js"], undefined],
  ["constructor", [], undefined],
] as const)("%s %o is the package runner %s", ([command, args, name]) => {
  expect(packageRunner(command, args)).toBe(name);
});
