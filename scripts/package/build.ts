/** Builds the packages. */
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type InputOptions, type OutputOptions, rolldown } from "rolldown";
import { authWritten, bundling, gatewayModules, written } from "../../stacks/images/bundle.ts";
import { catalogDeclarations, libraryDeclarations } from "../../stacks/catalog/declarations.ts";
import { root } from "../../stacks/shipped.ts";
import { chunks } from "./chunks.ts";
import { authManifest, createManifest, manifest } from "./manifest.ts";
import { withoutOldYaml } from "./without-old-yaml.ts";
import { withoutTables } from "./without-tables.ts";

/** Programs and modules of the package, which keep their paths. */
const entries = [
  "gateways/main",
  "gateways/library",
  "scripts/gangway",
  "scripts/start/again",
  "scripts/start/container-process",
  "scripts/start/given-variables",
  "scripts/start/with-parent",
  "stacks/main",
  "stacks/provision/gate",
  "stacks/provision/limit",
  "stacks/provision/prepare-machine",
  "stacks/provision/secrets",
  "stacks/provision/wait-for-host",
  "stacks/catalog/package",
] as const;

/** Files that our programs read. */
const data = [
  "gateways/images/*Dockerfile",
  "templates/nginx/*",
  "templates/monitoring/alerts.yml",
  "templates/proxies/{*.conf,*.cfg,*.yml,Caddyfile*}",
  "templates/proxies/compose/*",
  "stacks/locks/base.json",
] as const;

/** Programs of the images, which are copied without their comments. */
const perl = "gateways/images/*.pl";

/** What `gangway init` makes a project of. */
const templates = ["templates/project/*"] as const;
const locks = "stacks/locks/*+server-{memory,everything}@*.json";

/** Whoever deploys installs these. */
const external = [/^cdktf$/, /^@cdktf\//, /^constructs$/, /^rolldown$/];

/** Builds of libraries that can be bundled: what Node would load of them is in the way of that, or larger. */
const resolve = {
  alias: {
    "jsonc-parser": join(root, "node_modules/jsonc-parser/lib/esm/main.js"),
    yaml: join(root, "node_modules/yaml/browser/dist/index.js"),
  },
};

/** Builds without side effects that do not say so where a bundler looks. */
const treeshake = { moduleSideEffects: [{ test: /node_modules[\\/]diff[\\/]/, sideEffects: false }] };

/** Licenses stay. What tells a bundler that a call has no effect has served by now. */
const comments = { legal: true, annotation: false };

/** Writes the files of gangway-mcp to an empty folder. */
export async function buildGangway(folder: string): Promise<void> {
  const dist = join(folder, "dist");
  const input = Object.fromEntries(entries.map((entry) => [entry, `${entry}.ts`]));
  await bundle({ input, external }, { dir: dist, ...chunks(await gatewayModules()) });
  writeFileSync(join(dist, "gateways/library.d.ts"), libraryDeclarations());
  writeFileSync(join(dist, "stacks/catalog/package.d.ts"), catalogDeclarations());
  copy([...data, ...templates], dist);
  copyAs(perl, dist, (text) => text.replaceAll(/^\s*#(?!!).*\n/gm, ""));
  copyLocks(dist);
  for (const file of ["README.md", "LICENSE"]) cpSync(join(root, file), join(folder, file));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(), undefined, 2)}\n`);
}

/** Writes the files of create-gangway-mcp to an empty folder. */
export async function buildCreate(folder: string): Promise<void> {
  const dist = join(folder, "dist");
  await bundle({ input: { "scripts/create": "scripts/create.ts" } }, { dir: dist, codeSplitting: false });
  copy(templates, dist);
  copyLocks(dist);
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  cpSync(join(root, "scripts/package/create-readme.md"), join(folder, "README.md"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(createManifest(), undefined, 2)}\n`);
}

/** Writes the files of gangway-auth to an empty folder: those that its image has, too. */
export async function buildAuth(folder: string): Promise<void> {
  const dist = join(folder, "dist");
  await bundle(
    { input: { main: "auth-server/main.ts" } },
    { ...authWritten, dir: dist, chunkFileNames: "chunks/[name]-[hash].js" },
  );
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  cpSync(join(root, "scripts/package/auth-readme.md"), join(folder, "README.md"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(authManifest(), undefined, 2)}\n`);
}

/** Copies files of ours, which keep their paths. */
function copy(patterns: readonly string[], to: string): void {
  for (const file of globSync(patterns, { cwd: root })) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(root, file), join(to, file));
  }
}

/** Without white space, two locks of the same packages are near enough to each other for gzip to write these once. */
const copyLocks = (to: string): void => copyAs(locks, to, (text) => JSON.stringify(JSON.parse(text)));

/** Copies files of ours, with another text. */
function copyAs(pattern: string, to: string, change: (text: string) => string): void {
  for (const file of globSync(pattern, { cwd: root })) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), change(readFileSync(join(root, file), "utf8")));
  }
}

async function bundle(input: InputOptions, output: OutputOptions): Promise<void> {
  const plugins = [...bundling.plugins, withoutTables, withoutOldYaml];
  const build = await rolldown({ ...bundling, plugins, resolve, treeshake, ...input });
  await build.write({ ...written, comments, entryFileNames: "[name].js", ...output, minify: true });
  await build.close();
}
