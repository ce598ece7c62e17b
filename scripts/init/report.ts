/** What comes after making a project. */
import { relative } from "node:path";

/** The project's folder, and the commands that come next. */
export function nextSteps(folder: string): string {
  const shown = relative(process.cwd(), folder);
  const enter = shown === "" ? [] : [`cd ${quoted(shown)}`];
  return [`made ${folder}. Next:`, ...[...enter, "npm install", "npm start"].map((line) => `  ${line}`)].join("\n");
}

const quoted = (path: string) => (/^[\w./@-]+$/.test(path) ? path : JSON.stringify(path));
