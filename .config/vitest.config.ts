import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// unit: needs only Node, run by `npm test`. interop: real MCP clients and the conformance suite. docker: a real engine and
// Terraform. terraform: the real providers of the clouds, against fakes. They are run by .ci/run.
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    // Most tests wait for processes: one worker less than there are cores, the default, would leave a small machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: "unit",
          include: ["{gateways,stacks,templates,scripts}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "scripts/lab/interop/**", "**/*.docker.test.ts", "**/*.terraform.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "terraform",
          include: ["{stacks,scripts}/**/*.terraform.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "interop",
          include: ["scripts/lab/interop/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "docker",
          include: ["{stacks,scripts}/**/*.docker.test.ts"],
          exclude: ["**/node_modules/**"],
          globalSetup: "stacks/fixtures/docker-suite.ts",
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false, // a deployment's names are its own: an engine has one
        },
      },
    ],
  },
});
