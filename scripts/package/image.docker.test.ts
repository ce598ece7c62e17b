/** The image that a release publishes, built from the package. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { initializeParams } from "../kit/mcp/messages.ts";
import { waitUntil } from "../kit/wait.ts";
import { pack } from "./pack.ts";
import { packages } from "./packages.ts";
import { Program } from "./program.ts";

const IMAGE = "gangway-test/gateway:v1";
const NAME = "gangway-test-image";
const TOKEN = "a-token-that-is-long-enough-for-a-public-host-0123456789";

const folder = mkdtempSync(join(tmpdir(), "image-"));

async function run(...args: readonly string[]) {
  const program = new Program("docker", args, {});
  return { code: await program.ended, output: program.output.trim() };
}

/** What it prints. @throws Error with that, when it fails */
async function docker(...args: readonly string[]): Promise<string> {
  const { code, output } = await run(...args);
  if (code !== 0) throw new Error(`docker ${args[0]}: ${output}`);
  return output;
}

beforeAll(async () => {
  if (inject("lacking") !== "") return;
  await pack(
    packages.find(({ name }) => name === "gangway-mcp")!,
    folder,
  );
  await docker("build", "-t", IMAGE, "-f", shipped("gateways/Dockerfile"), join(folder, "gangway-mcp"));
});
afterAll(async () => {
  await run("rm", "-f", NAME);
  await run("rmi", "-f", IMAGE);
  rmSync(folder, { recursive: true });
});

test.skipIf(inject("lacking") !== "")(
  "it serves a stdio server to whoever has the token, as an unprivileged user, and is healthy",
  async () => {
    const server = `${shipped("scripts/package/small-server.mjs")}:/server/small.mjs:ro`;
    const flags = ["-d", "--name", NAME, "-p", "127.0.0.1:0:3000", "-e", `MCP_BEARER_TOKEN=${TOKEN}`, "-v", server];
    await docker("run", ...flags, "--health-interval=1s", IMAGE, "--stdio", "node /server/small.mjs");
    const state = () => docker("inspect", "--format", "{{.State.Health.Status}} {{.Config.User}}", NAME);
    await waitUntil(async () => (await state()) === "healthy node", 60_000);
    expect(await state()).toBe("healthy node");
    const client = new McpClient(`http://${await docker("port", NAME, "3000")}/mcp`, TOKEN);
    await client.initialize(initializeParams({ name: "image-test", version: "1" }));
    expect(await client.tool("node")).toMatch(/^v\d+\./);
  },
);

test.skipIf(inject("lacking") !== "")("without a token it does not start, and says what to set", async () => {
  const { code, output } = await run("run", "--rm", IMAGE, "--stdio", "node -e 1");
  expect([code, output]).toEqual([2, expect.stringContaining("MCP_BEARER_TOKEN")]);
});
