/** Publishes a run: its results, the picture of them, and the tables in README.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "./picture.ts";
import { report } from "./report.ts";
import { type Results, writeResults } from "./results.ts";
import { benchFolder } from "./targets.ts";

const begin = "<!-- the run that is shown: written by npm run bench -- --save -->";
const end = "<!-- end of the run -->";

const files = {
  json: join(benchFolder, "results.json"),
  picture: join(benchFolder, "results.svg"),
  page: join(benchFolder, "README.md"),
};

/** @returns the files that it wrote */
export function save(results: Results): string[] {
  writeResults(files.json, { ...results, cells: [] }); // what the tables have is enough to be kept
  writeFileSync(files.picture, picture(results));
  writeFileSync(files.page, withRun(readFileSync(files.page, "utf8"), report(results)));
  return Object.values(files);
}

/** The page with the tables of another run. @throws Error when it has no place for them */
export function withRun(page: string, tables: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md: expected the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n\`\`\`\n${tables}\n\`\`\`\n\n${page.slice(to)}`;
}
