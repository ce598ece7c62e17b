/** A project with one service, served by `gangway start` with a token: what the clients connect to. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { scratchFolder } from "../../kit/folder.ts";
import { settledServices } from "../../kit/hub.ts";
import { freePort } from "../../kit/ports.ts";
import { waitUntil } from "../../kit/wait.ts";
import { type Ended, runCommand } from "./run.ts";
import { stampOf } from "./server.ts";

const checkout = join(import.meta.dirname, "../../..");
const gangway = join(checkout, "scripts/gangway.ts");

/** What its one service is called. */
export const SERVICE = "stamps";

/** The user agent of our own requests begins with it. */
const MARK = "lab-mark-";

/** A project that serves. */
export class Project {
  readonly path: string;
  readonly #remove: () => void;
  readonly #secret = randomBytes(16).toString("hex");
  readonly #master = randomBytes(24).toString("hex");
  #port = 0;
  #start: ChildProcess | undefined;

  private constructor() {
    const { path, remove } = scratchFolder("lab-clients");
    this.path = path;
    this.#remove = remove;
    // Ctrl-C ends the lab at once.
    process.once("exit", () => {
      this.#start?.kill("SIGTERM");
      remove();
    });
  }

  /** @throws Error when its service does not come up */
  static async start(): Promise<Project> {
    const project = new Project();
    try {
      await project.#serve();
      return project;
    } catch (error) {
      await project.stop();
      throw error;
    }
  }

  async #serve(): Promise<void> {
    const hub = await freePort();
    this.#port = await freePort();
    writeFileSync(join(this.path, "services.ts"), catalog(this.#port, this.#secret));
    writeFileSync(join(this.path, ".env"), `MCP_BEARER_TOKEN=${this.#master}\nHUB_PORT=${hub}\n`, { mode: 0o600 });
    // `npx gangway-mcp`, which bridges start, finds the checkout here.
    mkdirSync(join(this.desk, "node_modules/.bin"), { recursive: true });
    symlinkSync(checkout, join(this.desk, "node_modules/gangway-mcp"));
    symlinkSync(gangway, join(this.desk, "node_modules/.bin/gangway-mcp"));
    const env = { PATH: process.env["PATH"], HOME: this.path };
    this.#start = spawn(process.execPath, [gangway, "start"], { cwd: this.path, env, stdio: "ignore" });
    const [service] = await settledServices(`http://127.0.0.1:${hub}`, AbortSignal.timeout(60_000));
    if (service?.state !== "up") throw new Error(`${SERVICE} is not up: ${service?.error}`);
  }

  /** The folder that clients start in: not that of the catalog, which has the token in `.env`. */
  get desk(): string {
    return join(this.path, "desk");
  }

  /** Runs a verb in it, as a user whose home folder is `home`. */
  gangway(words: readonly string[], home: string): Promise<Ended> {
    return runCommand([process.execPath, gangway, ...words], { cwd: this.path, env: { HOME: home } });
  }

  /** The answer that the tool gives for a word. */
  stamp(word: string): string {
    return stampOf(word, this.#secret);
  }

  /** All that the gateway has logged of what happened before this. It writes late, so a request of ours closes it. */
  async logged(): Promise<string> {
    const mark = `${MARK}${randomBytes(8).toString("hex")}`;
    const headers = { authorization: "Bearer invalid", "user-agent": mark };
    await (await fetch(`http://127.0.0.1:${this.#port}/mcp`, { method: "POST", headers })).arrayBuffer();
    const read = () => readFileSync(join(this.path, ".gangway/gateway.log"), "utf8");
    if (!(await waitUntil(() => read().includes(mark), 10_000)))
      throw new Error("the gateway has not logged a refusal");
    return read()
      .split("\n")
      .filter((line) => !line.includes(MARK))
      .join("\n");
  }

  async stop(): Promise<void> {
    const start = this.#start;
    if (start && start.exitCode === null && start.signalCode === null) {
      start.kill("SIGTERM");
      await once(start, "exit");
    }
    this.#remove();
  }
}

function catalog(port: number, secret: string): string {
  const builders = pathToFileURL(join(checkout, "stacks/catalog/package.ts")).href;
  const server = JSON.stringify(["node", join(import.meta.dirname, "server.ts")]);
  const entry = `{ server: command(${server}), port: ${port}, env: { STAMP_SECRET: "${secret}" } }`;
  return `import { command, defineServices } from "${builders}";\nexport const services = defineServices({ ${SERVICE}: ${entry} });\n`;
}
