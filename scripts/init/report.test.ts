import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
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
    const [, enter = ""] = nextSteps(folder).split("\n");
    vi.restoreAllMocks();
    const { stdout, stderr } = spawnSync("sh", ["-c", `${enter} && pwd`], { cwd: here.path, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: `${folder}\n`, stderr: "" });
  },
);
