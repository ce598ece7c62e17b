import { onTestFinished, expect, test } from "vitest";
import { Project } from "../fixtures/project.ts";
import { succeed } from "../fixtures/run.ts";

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
