import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { Project } from "../fixtures/project.ts";
import { run, succeed } from "../fixtures/run.ts";
import { bundleAuthServer } from "./bundle.ts";

const print = (project: Project) =>
  `import("${project.path("stacks/images/bundle.ts")}").then(async (it) => console.log(JSON.stringify([...await it.bundleGateway()])))`;

test("the gateway has the same files wherever it lies and from wherever it is bundled, and names no folder", async () => {
  const projects = [new Project(), new Project(3)] as const;
  onTestFinished(() => projects.forEach((project) => project.remove()));
  const [one, other] = await Promise.all(
    projects.map((project) => succeed(project.run("sh", "-c", 'cd "$0" && node -e "$1"', "..", print(project)))),
  );
  expect(one!.output.length).toBeGreaterThan(100_000);
  expect(other!.output).toBe(one!.output);
  expect(one!.output).not.toContain("node_modules/");
});

test("the authorization server needs nothing but its files and Node", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gangway-auth-"));
  for (const [path, content] of await bundleAuthServer()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const resources = join(folder, "resources.json");
  writeFileSync(resources, "[]");
  const env = { ISSUER: "http://127.0.0.1:8078", DATA_DIR: join(folder, "state"), RESOURCES_FILE: resources };
  const add = 'echo "a-long-password-of-ada-47" | "$0" main.js users add ada && "$0" main.js users list';
  const { output } = await succeed(
    run("sh", ["-c", add, process.execPath], { cwd: folder, env: { ...process.env, ...env } }),
  );
  expect(output).toContain("ada");
  expect((await run(process.execPath, ["main.js"], { cwd: folder, env: { PORT: "none" } })).output).toContain(
    "ISSUER is not set",
  );
});
