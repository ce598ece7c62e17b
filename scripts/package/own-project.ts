/** A project of one's own as its owner makes it: with the packed packages, in an empty folder, with an empty home. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { cloudPackages } from "../../stacks/cloud-packages.ts";
import { succeed } from "../../stacks/fixtures/run.ts";
import { root, shipped } from "../../stacks/shipped.ts";
import { type ScratchFolder, scratchFolder } from "../kit/folder.ts";
import { pack } from "./pack.ts";
import { packages } from "./packages.ts";
import { Program } from "./program.ts";

/** An exit code and both streams, interleaved. */
export interface Ran {
  readonly code: unknown;
  readonly output: string;
}

/** Npm without its chatter. Its cache is in the empty home. */
const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };

export class OwnProject {
  readonly folder: string;
  /** What `npm create` printed. */
  readonly created: string;
  /** Variables for its programs, on top of a few of ours. */
  env: Readonly<Record<string, string>> = {};
  readonly #scratch: ScratchFolder;

  private constructor(scratch: ScratchFolder, created: string) {
    this.#scratch = scratch;
    this.folder = join(scratch.path, "my-servers");
    this.created = created;
  }

  /** Packs both packages, makes a project and installs gangway-mcp into it, without a network. @throws Error with npm's words */
  static async make(): Promise<OwnProject> {
    const scratch = scratchFolder("own");
    try {
      mkdirSync(join(scratch.path, "home"));
      shareProviders(join(scratch.path, "home"));
      const files = new Map<string, string>();
      for (const one of packages) files.set(one.name, (await pack(one, join(scratch.path, "packages"))).file);
      const create = ["exec", "--offline", "--yes", `--package=${files.get("create-gangway-mcp")}`];
      const { output } = await succeed(
        runIn(scratch, scratch.path, "npm", [...create, "--", "create-gangway-mcp", "my-servers"]),
      );
      const project = new OwnProject(scratch, output);
      await succeed(project.run("npm", "install", "--offline", "--save-dev", files.get("gangway-mcp")!));
      return project;
    } catch (error) {
      scratch.remove();
      throw error;
    }
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  /** Changes the text of a file. @throws Error when there is nothing to replace */
  edit(file: string, from: string | RegExp, to: string): void {
    const text = this.read(file);
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${file} has no ${String(from)}`);
    writeFileSync(this.path(file), changed);
  }

  /** Adds a server of one's own, and its entry. */
  addService(name: string, port: number): void {
    mkdirSync(this.path("servers/small"), { recursive: true });
    writeFileSync(this.path("servers/small/main.mjs"), readFileSync(shipped("scripts/package/small-server.mjs")));
    this.edit("services.ts", "import { ", "import { command, ");
    const entry = `"${name}": { server: command(["node", "servers/small/main.mjs"]), port: ${port} }`;
    this.edit("services.ts", "defineServices({\n", `defineServices({\n  ${entry},\n`);
  }

  /** Puts the checkout's packages in place of those that the owner would install for a deploy. */
  linkCloudPackages(): void {
    mkdirSync(this.path("node_modules/@cdktf"), { recursive: true });
    for (const name of Object.keys(cloudPackages))
      symlinkSync(join(root, "node_modules", name), this.path("node_modules", name));
  }

  /** Runs a program in it until it ends. */
  run(program: string, ...args: readonly string[]): Promise<Ran> {
    return runIn(this.#scratch, this.folder, program, args, this.env);
  }

  /** `npx gangway <words>` until it ends. */
  gangway(...words: readonly string[]): Promise<Ran> {
    return this.run("npx", "gangway", ...words);
  }

  /** The same, as long as it is needed, and without npx between us and its signals. */
  start(...words: readonly string[]): Program {
    return programIn(this.#scratch, this.folder, this.path("node_modules/.bin/gangway"), words, this.env);
  }

  remove(): void {
    this.#scratch.remove();
  }
}

async function runIn(...parts: Parameters<typeof programIn>): Promise<Ran> {
  const program = programIn(...parts);
  return { code: await program.ended, output: program.output };
}

/** Of our environment it has what finds programs, Docker and a proxy, and none of npm's or our settings. */
function programIn(
  { path }: ScratchFolder,
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const seen = /^(LANG|TMPDIR|DOCKER_\w+|TERRAFORM_BINARY_NAME|\w+_proxy|NODE_EXTRA_CA_CERTS|npm_config_registry)$/i;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => seen.test(name)));
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((each) => !each.endsWith("node_modules/.bin"));
  const PATH = [dirname(process.execPath), ...folders].join(delimiter);
  const HOME = join(path, "home");
  const own = { PATH, HOME, NO_COLOR: "1", CHECKPOINT_DISABLE: "1", ...quiet };
  return new Program(program, args, { cwd, env: { ...inherited, ...own, ...env } });
}

/** Terraform finds the providers that are on this machine already. */
function shareProviders(home: string): void {
  const ours = join(homedir(), ".terraform.d");
  if (existsSync(ours)) symlinkSync(ours, join(home, ".terraform.d"));
}
