/** The files of a new project. */
import { readFileSync } from "node:fs";
import { fileName } from "../../stacks/catalog/kinds/npm-package.ts";
import { shipped } from "../../stacks/shipped.ts";
import { render } from "../../templates/render.ts";
import { packageJson } from "./package-json.ts";

/** Made of templates/project, where none has a dot in front: npm keeps a .gitignore out of a package. */
const templates = {
  "services.ts": "services.ts",
  "cdktf.json": "cdktf.json",
  "tsconfig.json": "tsconfig.json",
  ".env.example": "env.example",
  ".gitignore": "gitignore",
  ".github/workflows/deploy.yml": "deploy.yml",
  "README.md": "README.md",
} as const;

/** The templates with the project's name in them. */
const named: readonly string[] = ["cdktf.json", "README.md"];

/**
 * Each file by its path.
 * @param withCloud whether package.json lists what a deploy needs
 */
export function projectFiles(name: string, withCloud: boolean): ReadonlyMap<string, string> {
  const rendered = Object.entries(templates).map(
    ([path, template]) => [path, render(`project/${template}`, named.includes(template) ? { name } : {})] as const,
  );
  return new Map([["package.json", packageJson(name, withCloud)], ...rendered, ...locks()]);
}

/** The lockfiles of the servers that it begins with, as npm writes them. They are our own catalog's. */
function locks(): (readonly [path: string, text: string])[] {
  return starters().map((spec) => {
    const file = `locks/${fileName(spec)}.json`;
    return [file, `${JSON.stringify(JSON.parse(readFileSync(shipped(`stacks/${file}`), "utf8")), undefined, 2)}\n`];
  });
}

/** The npm servers of the catalog that it begins with; one that is commented out gets its lockfile when it is started. */
function starters(): string[] {
  const catalog = readFileSync(shipped("templates/project/services.ts"), "utf8");
  return Array.from(catalog.matchAll(/^ +server: npm\("([^"]+)"/gm), ([, spec = ""]) => spec);
}
