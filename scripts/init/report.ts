/** What comes after making a project. */
import { relative } from "node:path";
import { shellWord } from "../kit/shell-word.ts";

/** The project's folder, and the commands that come next. */
export function nextSteps(folder: string): string {
  const shown = relative(process.cwd(), folder);
  const enter = shown === "" ? [] : [`cd ${shellWord(shown)}`];
  return [`made ${folder}. Next:`, ...[...enter, "npm install", "npm start"].map((line) => `  ${line}`)].join("\n");
}
