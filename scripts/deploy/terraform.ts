/** Terraform, or OpenTofu, in the folder of a synthesized stack. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { project } from "../local/folder.ts";
import { type Changes, readChanges } from "../plan/summary.ts";
import { terraform } from "../../stacks/terraform.ts";

/** Values are in it, so it does not stay. */
const PLAN = "plan.tfplan";

/**
 * One stack from a plan to what it names. An interrupt (Ctrl-C) reaches Terraform once: it finishes what it has begun, and
 * keeps its state whole.
 */
export class StackFolder {
  readonly stack: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @param env what Terraform and its providers see */
  constructor(stack: string, env: NodeJS.ProcessEnv) {
    this.stack = stack;
    this.#folder = join(project, "cdktf.out", "stacks", stack);
    this.#env = env;
  }

  /** Gets the providers, and keeps the plan for `apply`. @throws Error with what Terraform says: it has no secret in it */
  async plan(): Promise<Changes> {
    await this.#init();
    await this.#run(["plan", "-input=false", "-no-color", `-out=${PLAN}`]);
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
    for await (const line of createInterface({ input: child.stdout })) tell(JSON.parse(line));
    const code = await child.ended;
    if (code !== 0) console.error((await said).trim());
    return code === 0;
  }

  /** Removes the plan. */
  forgetPlan(): void {
    rmSync(join(this.#folder, PLAN), { force: true });
  }

  /** Providers that are pinned at other versions than in the last run are no mistake. */
  async #init(): Promise<void> {
    const words = ["init", "-input=false", "-no-color"];
    await this.#run(words).catch((error: Error) => {
      if (!error.message.includes("init -upgrade")) throw error;
      return this.#run([...words, "-upgrade"]);
    });
  }

  /** @throws Error with what it wrote to its standard error */
  async #run(words: readonly string[]): Promise<string> {
    const child = this.#spawn(words);
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), child.ended]);
    if (code !== 0) throw new Error(`${terraform} ${words[0]} of ${this.stack} failed:\n${explained(stderr.trim())}`);
    return stdout;
  }

  /** In a process group of its own, where the terminal's Ctrl-C does not reach it beside ours. */
  #spawn(words: readonly string[]) {
    const child = spawn(terraform, words, {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const interrupt = () => {
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

/** Terraform's words, and what to do where they do not say it. */
function explained(words: string): string {
  const lock = /Error acquiring the state lock.*?ID:\s+(\S+)/s.exec(words)?.[1];
  if (lock === undefined) return words;
  return `${words}\nAnother deploy runs, or one was killed. Once you know that none runs: ${terraform} force-unlock ${lock}, in the stack's folder`;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
