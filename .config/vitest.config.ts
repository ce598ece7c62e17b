import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { redisIsMissing } from "../auth-server/fixtures/redis-server.ts";

/** Tests in these files need more than Node: each suite that does has a project of its own. */
const others = [
  "**/node_modules/**",
  "scripts/lab/interop/**",
  "**/*.docker.test.ts",
  "**/*.terraform.test.ts",
  "**/*.package.test.ts",
  "**/*.proxy.test.ts",
  "**/*.browser.test.ts",
];

/** Tests that boot a gateway or run a program of ours. */
const slow = ["**/behaviour/**", "**/*.process.test.ts"];

/** It only waits, for minutes: .ci/run does other things meanwhile. */
const silence = "scripts/proxies/live/silence.proxy.test.ts";

/** It takes all of the machine for seconds: nothing runs beside it. */
const hostile = "stacks/hostile.docker.test.ts";

/** Every file in a temporary folder of its own, which is gone when the run is over, as are all processes. */
const cleanUp = { globalSetup: ".config/test-run.ts", setupFiles: ".config/test-file.ts" };

/** A limit is there for what hangs. It is far away, because a busy machine is slow. */
const limits = { testTimeout: 240_000, hookTimeout: 60_000 };

/** A deployment's names are its own: an engine has one. */
const deployments = {
  globalSetup: "stacks/fixtures/docker-suite.ts",
  testTimeout: 240_000,
  hookTimeout: 240_000,
  fileParallelism: false,
};

/** Servers of tests run without a sandbox, but in the tests of that; with GANGWAY_SANDBOX=true all do. */
const env = { GANGWAY_SANDBOX: process.env["GANGWAY_SANDBOX"] ?? "false" };

// unit: needs only Node, run by `npm test`; fast: those of them that boot nothing, run by `npm run test:fast`. interop: real MCP
// clients and the conformance suite. package: the package as its users install it, on each Node that it is for. browser: the page
// in Chromium. docker, hostile: a real engine and Terraform. terraform: the real providers of the clouds, against fakes. proxies,
// silence: real reverse proxies. .ci/run runs all but fast.
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    // Most tests wait for processes: one worker less than there are cores, the default, would leave a small machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: "unit",
          include: ["{.config,.github,auth-server,gateways,stacks,templates,scripts}/**/*.test.ts"],
          exclude: others,
          ...cleanUp,
          ...limits,
          env,
        },
      },
      {
        test: {
          name: "fast",
          include: ["{.config,.github,auth-server,gateways,stacks,templates,scripts}/**/*.test.ts"],
          exclude: [...others, ...slow],
          isolate: false, // files share what they import, which is most of their time
          ...cleanUp,
          ...limits,
          env,
        },
      },
      {
        test: {
          name: "redis",
          include:
            redisIsMissing === undefined
              ? ["auth-server/{behaviour,interactions}/**/*.test.ts", "auth-server/gateway.test.ts"]
              : [],
          exclude: others,
          ...cleanUp,
          globalSetup: [".config/test-run.ts", ".config/redis-run.ts"],
          env: { AUTH_STORE: "redis" },
          ...limits,
        },
      },
      {
        test: {
          name: "terraform",
          include: ["{stacks,scripts}/**/*.terraform.test.ts"],
          exclude: ["**/node_modules/**"],
          ...cleanUp,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "package",
          include: ["scripts/package/**/*.package.test.ts"],
          exclude: ["**/node_modules/**"],
          ...cleanUp,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "proxies",
          include: ["scripts/proxies/**/*.proxy.test.ts"],
          exclude: ["**/node_modules/**", silence],
          ...cleanUp,
          ...limits,
        },
      },
      {
        test: {
          name: "silence",
          include: [silence],
          ...cleanUp,
          ...limits,
        },
      },
      {
        test: {
          name: "browser",
          include: ["{auth-server,gateways,scripts}/**/*.browser.test.ts"],
          exclude: ["**/node_modules/**"],
          ...cleanUp,
          ...limits,
        },
      },
      {
        test: {
          name: "interop",
          include: ["scripts/lab/interop/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
          ...cleanUp,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "docker",
          include: ["{auth-server,stacks,scripts}/**/*.docker.test.ts"],
          exclude: ["**/node_modules/**", hostile],
          ...deployments,
        },
      },
      {
        test: {
          name: "hostile",
          include: [hostile],
          ...deployments,
        },
      },
    ],
  },
});
