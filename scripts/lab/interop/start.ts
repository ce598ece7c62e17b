/** Runs npm's verbs as a person does, in a copy of the project: the checkout's .env and .gangway are left alone. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { copyFileSync, lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { project as checkout } from "../../../stacks/project.ts";
import { scratchFolder } from "../../kit/folder.ts";
import { allProcesses, type Process } from "../../kit/processes.ts";
import { NpmRun, type Ended } from "./npm-run.ts";

type Environment = Readonly<Record<string, string>>;

/** What `npx gangway start --json` prints. */
export interface Document {
  readonly services: readonly ServiceRow[];
  readonly hub: string;
}

export interface ServiceRow {
  readonly name: string;
  readonly url: string;
  readonly state: "up" | "needs" | "failed";
  readonly tools: number;
  readonly needs: string | null;
  readonly error: string | null;
}

/** An `npm start` that serves. */
export interface Started {
  readonly run: NpmRun;
  readonly document: Document;
  readonly service: (name: string) => ServiceRow;
}

/** How to run a verb. */
export interface RunOptions {
  readonly env?: Environment;
  /** Whether it has a process group of its own, so that it can be sent what a terminal sends. @default false */
  readonly inTerminal?: boolean;
}

/** A copy of the project, with changes that are not committed, and with the checkout's packages. */
export class Project {
  readonly #folder = scratchFolder("interop");
  readonly #env: Environment;
  readonly #runs: NpmRun[] = [];

  /** @param env for every verb that is run in it */
  constructor(env: Environment) {
    this.#env = env;
    for (const file of projectFiles()) {
      mkdirSync(dirname(this.path(file)), { recursive: true });
      copyFileSync(join(checkout, file), this.path(file));
    }
    symlinkSync(realpathSync(join(checkout, "node_modules")), this.path("node_modules"));
  }

  /** The path of a file in it. */
  path(...names: string[]): string {
    return join(this.#folder.path, ...names);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Starts `npm <words>`. */
  run(words: readonly string[], { env = {}, inTerminal = false }: RunOptions = {}): NpmRun {
    const options = { cwd: this.path(), env: { ...cleanEnvironment(), ...this.#env, ...env }, detached: inTerminal };
    const run = new NpmRun(spawn("npm", words, { ...options, stdio: ["ignore", "pipe", "pipe"] }), this.path());
    this.#runs.push(run);
    return run;
  }

  /** Runs `npm <words>` to its end. */
  npm(words: readonly string[], env?: Environment): Promise<Ended> {
    return this.run(words, env && { env }).ended;
  }

  /** Runs `npx gangway start --json <names>` until its document is there. */
  async start(names: readonly string[] = [], options?: RunOptions): Promise<Started> {
    const run = this.run(["start", "--silent", "--", "--json", ...names], options);
    await run.says("\n");
    const document = JSON.parse(run.stdout) as Document;
    return { run, document, service: (name) => document.services.find((row) => row.name === name)! };
  }

  /** The living processes of the gateways and servers in it. */
  processes(): Process[] {
    return allProcesses().filter(({ args }) => args.includes(this.path()));
  }

  /** Ends what still runs in it. @throws Error naming the processes that do not end */
  async stop(): Promise<void> {
    for (const run of this.#runs.filter((each) => !each.hasEnded)) await run.stop();
  }

  async remove(): Promise<void> {
    try {
      await this.stop();
    } finally {
      this.#folder.remove();
    }
  }
}

/** Runs a command line as a person pastes it. */
export function sh(command: string, env: Environment = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile("sh", ["-c", command], { env: { ...cleanEnvironment(), ...env } }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

function projectFiles(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", args, { cwd: checkout, encoding: "utf8" }).split("\0");
  // Not files whose deletion is not committed yet, nor a node_modules that is a link.
  return files.filter((file) => lstatSync(join(checkout, file), { throwIfNoEntry: false })?.isFile());
}

/** Ours without the developer's settings and tokens, and without what npm and vitest have set. */
function cleanEnvironment(): Environment {
  const foreign = /^(npm_(?!config_)|npm_config_loglevel|INIT_CWD|NODE_ENV|VITEST|MCP_|PORT_|HUB_)|_(TOKEN|KEY)$/;
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value && !foreign.test(name) ? [[name, value]] : [],
  );
  const folders = process.env["PATH"]?.split(delimiter) ?? [];
  const path = folders.filter((folder) => !folder.endsWith(join("node_modules", ".bin"))).join(delimiter);
  return { ...Object.fromEntries(own), PATH: path };
}
