import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { tooOld } from "../../stacks/catalog/typescript.ts";
import { scratchFolder } from "../kit/folder.ts";
import { nextSteps } from "./report.ts";

const here = scratchFolder("report");
afterAll(here.remove);

test.each(["servers", "my servers", "-dash", "it's", "$(id)", "`id`", 'a"b', "a\\b", "日本"])(
  "the shell that is given the printed command enters %s",
  (name) => {
    const folder = join(here.path, name);
    mkdirSync(folder);
    vi.spyOn(process, "cwd").mockReturnValue(here.path);
    const [, enter = ""] = nextSteps(folder, undefined).split("\n");
    vi.restoreAllMocks();
    const { stdout, stderr } = spawnSync("sh", ["-c", `${enter} && pwd`], { cwd: here.path, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: `${folder}\n`, stderr: "" });
  },
);

test("the commands that come next are those from where one stands", () => {
  expect(nextSteps(join(process.cwd(), "my-servers"), undefined)).toMatch(
    /^made .*my-servers\. Next:\n {2}cd my-servers\n {2}npm install\n {2}npm start$/,
  );
  expect(nextSteps(process.cwd(), undefined)).toMatch(/ Next:\n {2}npm install\n {2}npm start$/);
});

test("a Node that cannot run the project is told so before anything is installed", () => {
  const problem = tooOld("services.ts", { features: {}, versions: { node: "20.20.2" } });
  expect(nextSteps(process.cwd(), problem)).toMatch(/\nservices\.ts needs Node 22\.18 .*this is Node 20\.20\.2\./);
});
