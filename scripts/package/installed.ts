/** A package as its first user has it: installed from the tarball into an empty folder, with an empty home. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { shipped } from "../../stacks/shipped.ts";
import { type ScratchFolder, scratchFolder } from "../kit/folder.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { initializeParams } from "../kit/mcp/messages.ts";
import { freePort } from "../kit/ports.ts";
import { Program } from "./program.ts";

/** The command, in the folder. */
const GANGWAY = "node_modules/gangway-mcp/dist/scripts/gangway.js";

const SERVICES = `import { command, defineServices } from "gangway-mcp/catalog";

export const services = defineServices({
  small: { server: command(["node", "servers/small.mjs"]), port: 8090 },
});
`;

/** How a command is run. */
export interface RunWith {
  readonly env: Readonly<Record<string, string>>;
  /** Its standard input. @default - none */
  readonly input?: string;
  /** The Node that runs it. @default - ours */
  readonly node?: string;
}

export class Installed {
  readonly folder: string;
  readonly #scratch: ScratchFolder;

  private constructor(scratch: ScratchFolder) {
    this.#scratch = scratch;
    this.folder = join(scratch.path, "project");
  }

  /** Installs tarballs with npm, offline: what they depend on would be missing. @throws Error with npm's message */
  static async from(...tarballs: readonly string[]): Promise<Installed> {
    const installed = new Installed(scratchFolder("package"));
    for (const folder of ["home", "project/servers"])
      mkdirSync(join(installed.#scratch.path, folder), { recursive: true });
    writeFileSync(join(installed.folder, "package.json"), '{ "name": "my-servers", "private": true }\n');
    cpSync(shipped("scripts/package/small-server.mjs"), join(installed.folder, "servers/small.mjs"));
    const flags = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
    const npm = new Program("npm", ["install", ...flags, ...tarballs], installed.#with(process.execPath));
    if ((await npm.ended) === 0) return installed;
    installed.remove();
    throw new Error(`npm install failed: ${npm.output}`);
  }

  /** `gangway <words>` until it ends. @param node the Node that runs it @returns its exit code and all that it printed */
  async run(words: readonly string[], node: string = process.execPath): Promise<{ code: unknown; output: string }> {
    const program = this.#gangway(words, node);
    return { code: await program.ended, output: program.output };
  }

  /** Puts the small server online with `--stdio`, and calls its tool. @returns the version of the server's Node */
  async callThroughStdio(node: string = process.execPath): Promise<string> {
    const gateway = this.#gangway(["--stdio", "node servers/small.mjs", "--port", "0"], node);
    return gateway.during(async () => callTool((await gateway.printed(/http:\S+\/mcp/))[0]));
  }

  /** Puts it online twice: the second gateway starts `gangway connect`, which connects it to the first. */
  async callThroughConnect(node: string = process.execPath): Promise<string> {
    const behind = this.#gangway(["--stdio", "node servers/small.mjs", "--port", "0"], node);
    return behind.during(async () => {
      const [url] = await behind.printed(/http:\S+\/mcp/);
      const front = this.#gangway(["--stdio", `node ${GANGWAY} connect ${url}`, "--port", "0"], node);
      return front.during(async () => callTool((await front.printed(/http:\S+\/mcp/))[0]));
    });
  }

  /** Starts the services of a services.ts, and calls the tool of the one in it. */
  async callThroughStart(node: string = process.execPath): Promise<string> {
    writeFileSync(join(this.folder, "services.ts"), SERVICES);
    const ports = { HUB_PORT: String(await freePort()), PORT_SMALL: String(await freePort()) };
    const start = this.#gangway(["start", "--json"], node, ports);
    return start.during(async () => {
      await start.printed(/"state":\s*"up"/);
      return callTool(`http://127.0.0.1:${ports.PORT_SMALL}/mcp`);
    });
  }

  /**
   * Starts the same services with logins, and tokens beside them, while the work is done.
   * @param env further variables, such as the ports
   */
  async duringLogins<T>(env: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
    writeFileSync(join(this.folder, "services.ts"), SERVICES);
    const start = this.#gangway(["start", "--json"], process.execPath, env);
    return start.during(async () => {
      await start.printed(/"auth":\s*\{/);
      return work();
    });
  }

  /** `gangway <words>` with variables and an input, until it ends. */
  async runWith(
    words: readonly string[],
    { env, input, node = process.execPath }: RunWith,
  ): Promise<{ code: unknown; output: string }> {
    writeFileSync(join(this.folder, "services.ts"), SERVICES);
    const program = new Program(node, [join(this.folder, GANGWAY), ...words], this.#with(node, env), input);
    return { code: await program.ended, output: program.output };
  }

  /** Runs a module, which is first written to the folder, until it ends. */
  async runModule(
    file: string,
    source: string,
    words: readonly string[] = [],
  ): Promise<{ code: unknown; output: string }> {
    writeFileSync(join(this.folder, file), source);
    const node = process.execPath;
    const program = new Program(node, [join(this.folder, file), ...words], this.#with(node));
    return { code: await program.ended, output: program.output };
  }

  remove(): void {
    this.#scratch.remove();
  }

  #gangway(words: readonly string[], node: string, env?: Readonly<Record<string, string>>): Program {
    return new Program(node, [join(this.folder, GANGWAY), ...words], this.#with(node, env));
  }

  /** Nothing of this machine's settings, npm's among them, reaches a program, and its `node` is the one that runs it. */
  #with(node: string, env?: Readonly<Record<string, string>>) {
    const PATH = [dirname(node), process.env["PATH"]].join(delimiter);
    const HOME = join(this.#scratch.path, "home");
    return { cwd: this.folder, env: { PATH, HOME, TMPDIR: process.env["TMPDIR"], NO_COLOR: "1", ...env } };
  }
}

async function callTool(url: string): Promise<string> {
  const client = new McpClient(url);
  await client.initialize(initializeParams({ name: "package-check", version: "1" }));
  return client.tool("node");
}
