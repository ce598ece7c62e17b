/** What comes after making a project. */
import { relative } from "node:path";
import { shellWord } from "../kit/shell-word.ts";

/**
 * The project's folder, and the commands that come next.
 * @param problem why this Node cannot run it, which is better known before an installation than after
 */
export function nextSteps(folder: string, problem: string | undefined): string {
  const shown = relative(process.cwd(), folder);
  const enter = shown === "" ? [] : [`cd ${shellWord(shown)}`];
  const steps = [...enter, "npm install", "npm start"].map((line) => `  ${line}`);
  return [`made ${folder}. Next:`, ...steps, ...(problem === undefined ? [] : [problem])].join("\n");
}
