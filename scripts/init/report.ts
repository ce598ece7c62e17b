/** What comes after making a project. */
import { relative } from "node:path";

/** The project's folder, and the commands that come next. */
export function nextSteps(folder: string): string {
  const shown = relative(process.cwd(), folder);
  const enter = shown === "" ? [] : [`cd ${quoted(shown)}`];
  return [`made ${folder}. Next:`, ...[...enter, "npm install", "npm start"].map((line) => `  ${line}`)].join("\n");
}

/** As a shell takes it: in single quotes nothing has a meaning, and a dash in front is no flag. */
function quoted(path: string): string {
  const word = path.startsWith("-") ? `./${path}` : path;
  return /^[\w./@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
