/** Terraform, or OpenTofu, in the folder of a synthesized stack. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { project } from "../kit/folder.ts";
import { type Changes, readChanges } from "./changes.ts";
import { terraform } from "../../stacks/terraform.ts";
import { stateOf } from "./stacks.ts";
import { stateAdvice } from "./state.ts";

/** Values are in it, so it does not stay. Another run beside this one has its own. */
const PLAN = `plan.${process.pid}.tfplan`;

export interface PlanOptions {
  /** Whether the state is taken along to where the settings say that it is kept now. @default false */
  readonly migrateState?: boolean;
  /** Whether others are kept from the state meanwhile. @default true */
  readonly lock?: boolean;
}

/**
 * One stack from a plan to what it names. An interrupt (Ctrl-C) reaches Terraform once: it finishes what it has begun, and
 * keeps its state whole.
 */
export class StackFolder {
  readonly stack: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #isInterrupted = false;

  /** @param env what Terraform and its providers see */
  constructor(stack: string, env: NodeJS.ProcessEnv) {
    this.stack = stack;
    this.#folder = join(project, "cdktf.out", "stacks", stack);
    this.#env = env;
  }

  /**
   * Gets the providers, and keeps the plan for `apply`.
   * @throws Error with what Terraform says: it has no secret in it
   */
  async plan({ migrateState = false, lock = true }: PlanOptions = {}): Promise<Changes> {
    await this.#init(migrateState);
    await this.#run(["plan", "-input=false", "-no-color", `-lock=${lock}`, `-out=${PLAN}`]);
    return readChanges(this.stack, JSON.parse(await this.#run(["show", "-json", PLAN])));
  }

  /**
   * Does what the plan says.
   * @param tell is given each event (https://developer.hashicorp.com/terraform/internals/machine-readable-ui)
   * @returns whether all of it was done
   */
  async apply(tell: (event: unknown) => void): Promise<boolean> {
    const child = this.#spawn(["apply", "-input=false", "-json", PLAN]);
    const said = text(child.stderr); // what matters comes as an event, too
    const problems: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"@level":"error"')) problems.push(line.replaceAll("\\n", "\n"));
      tell(eventOf(line));
    }
    const code = await child.ended;
    if (code === 0) return true;
    const words = (await said).trim();
    console.error(this.#advice([...problems, words].join("\n")) ?? words);
    return false;
  }

  /** Whether somebody has asked for an end before it was done. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Removes the plan. */
  forgetPlan(): void {
    rmSync(join(this.#folder, PLAN), { force: true });
  }

  /** Providers that are pinned at other versions than in the last run are no mistake. */
  async #init(migrateState: boolean): Promise<void> {
    const words = ["init", "-input=false", "-no-color", ...(migrateState ? ["-migrate-state", "-force-copy"] : [])];
    await this.#run(words).catch((error: Error) => {
      if (!error.message.includes("init -upgrade")) throw error;
      return this.#run([...words, "-upgrade"]);
    });
  }

  /** @throws Error with what it wrote to its standard error */
  async #run(words: readonly string[]): Promise<string> {
    const child = this.#spawn(words);
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), child.ended]);
    if (code === 0) return stdout;
    throw new Error(this.#advice(stderr) ?? `${terraform} ${words[0]} of ${this.stack} failed:\n${stderr.trim()}`);
  }

  #advice(said: string): string | undefined {
    return stateAdvice(said, stateOf(this.stack, this.#env), terraform);
  }

  /** In a process group of its own, where the terminal's Ctrl-C does not reach it beside ours. */
  #spawn(words: readonly string[]) {
    const child = spawn(terraform, words, {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let interrupted = -Infinity;
    const interrupt = () => {
      if (performance.now() - interrupted < 1_000) return; // npm passes on what the terminal has sent us, too
      interrupted = performance.now();
      this.#isInterrupted = true;
      console.error(`  stopping when ${terraform} has finished what it has begun ...`);
      child.kill("SIGINT");
    };
    for (const signal of SIGNALS) process.on(signal, interrupt);
    const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    const letGo = () => SIGNALS.forEach((signal) => process.off(signal, interrupt));
    return Object.assign(child, { ended: ended.finally(letGo) });
  }
}

/** What Terraform says of a stack that needs another's outputs when there are none. */
export const isTooEarly = ({ message }: Error): boolean =>
  /No stored state was found|Unable to find remote state/.test(message);

/** A line that is no event is no reason to leave Terraform alone with its lock. */
function eventOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
