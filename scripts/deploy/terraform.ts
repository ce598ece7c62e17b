/** Terraform, or OpenTofu, in the folder of a synthesized stack. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { project } from "../../stacks/project.ts";
import { type Changes, readChanges } from "./changes.ts";
import { connectionAdvice } from "./connection.ts";
import { type Known, KNOWS_NOTHING, readKnown } from "./known.ts";
import { terraform } from "../../stacks/terraform.ts";
import { stateOf } from "./stacks.ts";
import { stateAdvice } from "./state.ts";
import { jsonIn } from "../kit/json.ts";
import { tell } from "../kit/print.ts";

/** Contains values, so it is deleted after use. Each run has its own. */
const PLAN = `plan.${process.pid}.tfplan`;

export interface PlanOptions {
  /** Whether to move the state to where the settings now point. @default false */
  readonly migrateState?: boolean;
  /** Whether to lock the state meanwhile. @default true */
  readonly lock?: boolean;
  /** Whether to plan the end of everything. @default false */
  readonly destroy?: boolean;
  /** Addresses of resources that are replaced although nothing about them has changed. @default [] */
  readonly replace?: readonly string[];
}

/**
 * One stack: planned, then applied. An interrupt (Ctrl-C) reaches Terraform once: it finishes what it has begun, so its
 * state stays intact.
 */
export class StackFolder {
  readonly stack: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #isInterrupted = false;
  #isReady = false;
  #known = KNOWS_NOTHING;

  /** @param env what Terraform and its providers see */
  constructor(stack: string, env: NodeJS.ProcessEnv) {
    this.stack = stack;
    this.#folder = join(project, "cdktf.out", "stacks", stack);
    this.#env = env;
  }

  /**
   * Installs the providers, and keeps the plan for `apply`.
   * @throws Error with Terraform's message, which contains no secrets
   */
  async plan({ migrateState = false, lock = true, destroy = false, replace = [] }: PlanOptions = {}): Promise<Changes> {
    await this.#init(migrateState);
    const how = [...(destroy ? ["-destroy"] : []), ...replace.map((address) => `-replace=${address}`)];
    await this.#run(["plan", "-input=false", "-no-color", `-lock=${lock}`, ...how, `-out=${PLAN}`]);
    const json: unknown = JSON.parse(await this.#run(["show", "-json", PLAN]));
    this.#known = readKnown(json);
    return readChanges(this.stack, json);
  }

  /** What the state knew when it was planned. */
  get known(): Known {
    return this.#known;
  }

  /** An output of the stack as it is deployed now; undefined while it has none of this name. */
  async output(name: string): Promise<string | undefined> {
    if (!this.#isReady) await this.#init(false);
    const outputs = JSON.parse(await this.#run(["output", "-json", "-no-color"])) as Record<
      string,
      { value?: unknown }
    >;
    const value = outputs[name]?.value;
    return typeof value === "string" ? value : undefined;
  }

  /** Takes something that is there into the state. @param id as its provider calls it */
  async import(address: string, id: string): Promise<void> {
    await this.#run(["import", "-input=false", "-no-color", address, id]);
  }

  /**
   * Applies the plan.
   * @param tell receives each event (https://developer.hashicorp.com/terraform/internals/machine-readable-ui)
   * @returns whether everything succeeded
   */
  async apply(tell: (event: unknown) => void): Promise<boolean> {
    const child = this.#spawn(["apply", "-input=false", "-json", PLAN]);
    const said = text(child.stderr); // what matters also comes as an event
    const problems: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"@level":"error"')) problems.push(line.replaceAll("\\n", "\n"));
      tell(jsonIn(line)); // one that is no event must not make us abandon Terraform and its lock
    }
    const code = await child.ended;
    if (code === 0) return true;
    const words = (await said).trim();
    tell(this.#advice([...problems, words].join("\n")) ?? words);
    return false;
  }

  /** Whether it was interrupted. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Deletes the plan. */
  forgetPlan(): void {
    rmSync(join(this.#folder, PLAN), { force: true });
  }

  /** Providers may be pinned to other versions than in the last run: then they are upgraded. */
  async #init(migrateState: boolean): Promise<void> {
    const words = ["init", "-input=false", "-no-color", ...(migrateState ? ["-migrate-state", "-force-copy"] : [])];
    await this.#run(words).catch((error: Error) => {
      if (!error.message.includes("init -upgrade")) throw error;
      return this.#run([...words, "-upgrade"]);
    });
    this.#isReady = true;
  }

  /** @throws Error with advice, or with its standard error */
  async #run(words: readonly string[]): Promise<string> {
    const child = this.#spawn(words);
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), child.ended]);
    if (code === 0) return stdout;
    throw new Error(this.#advice(stderr) ?? `${terraform} ${words[0]} of ${this.stack} failed:\n${stderr.trim()}`);
  }

  #advice(said: string): string | undefined {
    return stateAdvice(said, stateOf(this.stack, this.#env), terraform) ?? connectionAdvice(said);
  }

  /** In a process group of its own, so that Ctrl-C in the terminal reaches us alone. */
  #spawn(words: readonly string[]) {
    const child = spawn(terraform, words, {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let interrupted = -Infinity;
    const interrupt = () => {
      if (performance.now() - interrupted < 1_000) return; // npm passes on a signal that the terminal has sent to us already
      interrupted = performance.now();
      this.#isInterrupted = true;
      tell(`  stopping as soon as ${terraform} has finished what it has begun ...`);
      child.kill("SIGINT");
    };
    for (const signal of SIGNALS) process.on(signal, interrupt);
    const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    const letGo = () => SIGNALS.forEach((signal) => process.off(signal, interrupt));
    return Object.assign(child, { ended: ended.finally(letGo) });
  }
}

/** Whether a stack could not be planned because the outputs of another one do not exist yet. */
export const isTooEarly = ({ message }: Error): boolean =>
  /No stored state was found|Unable to find remote state/.test(message);

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
