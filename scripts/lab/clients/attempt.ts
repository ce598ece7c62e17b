/** One client from an empty home folder to a tool's answer: written, listed, called; and called without its variable. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { scratchFolder } from "../../kit/folder.ts";
import { install } from "./install.ts";
import { type Model, startModel } from "./model/model.ts";
import type { Desk, Program } from "./program.ts";
import { type Project, SERVICE } from "./project.ts";
import { type Ended, runCommand } from "./run.ts";
import { TOOL } from "./server.ts";

/** What became of a client. */
export interface Outcome {
  readonly client: string;
  readonly version: string;
  /** The file, relative to HOME; undefined = it was not written. */
  readonly wrote?: string;
  /** undefined = it has no command that lists. */
  readonly listed?: boolean;
  /** A sentence where it cannot call without an account. */
  readonly called?: boolean | string;
  /** What happened without the variable; undefined = the token stands in the file. */
  readonly unset?: string;
  /** Everything that went wrong, in words; empty = it passed. */
  readonly faults: readonly string[];
}

/** Never rejects. */
export async function attempt(program: Program, project: Project): Promise<Outcome> {
  const about = { client: program.name, version: "" };
  const { path: home, remove } = scratchFolder("lab-client");
  process.once("exit", remove); // Ctrl-C ends the lab at once
  const model = await startModel();
  try {
    const { command, version } = install(program);
    about.version = version;
    return { ...about, ...(await new Attempt({ program, project, model, home, command }).run()) };
  } catch (error) {
    return { ...about, faults: [(error as Error).message] };
  } finally {
    await model.close();
    process.off("exit", remove);
    remove();
  }
}

interface Setup {
  readonly program: Program;
  readonly project: Project;
  readonly model: Model;
  readonly home: string;
  /** The words that start the client. */
  readonly command: readonly string[];
}

type Calling = (desk: Desk) => readonly string[];

type Env = Readonly<Record<string, string>>;

class Attempt {
  readonly #setup: Setup;
  readonly #faults: string[] = [];
  #file = "";

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  async run(): Promise<Omit<Outcome, "client" | "version">> {
    const { program, home } = this.#setup;
    const token = (await this.#gangway("token", SERVICE)).trim();
    const variable = await this.#findFile();
    this.#writeFiles();
    await this.#setUp();
    await this.#gangway("clients", "--client", program.client, "--write", "--yes", SERVICE);
    this.#checkToken(token, variable);
    const set: Env = variable === undefined ? {} : { [variable]: token };
    const listed = await this.#list(set);
    const called = await this.#call(set);
    const unset = variable === undefined ? undefined : await this.#tryWithout();
    return {
      wrote: relative(home, this.#file),
      ...(listed !== undefined && { listed }),
      called,
      ...(unset !== undefined && { unset }),
      faults: this.#faults,
    };
  }

  /** @returns what it prints @throws Error when the verb fails */
  async #gangway(...words: readonly string[]): Promise<string> {
    const { code, output } = await this.#setup.project.gangway(words, this.#setup.home);
    if (code !== 0) throw new Error(`gangway ${words.join(" ")}: ${output.trim()}`);
    return output;
  }

  /** Asks the verb which file it will write. @returns the variable that the entry refers to */
  async #findFile(): Promise<string | undefined> {
    const words = ["--client", this.#setup.program.client, "--environment", "local", "--json", SERVICE];
    const [document] = JSON.parse(await this.#gangway("clients", ...words)) as [{ file: string; text: string }];
    this.#file = document.file;
    return /GANGWAY_TOKEN_\w+/.exec(document.text)?.[0];
  }

  /** What stands in the client's files before ours. */
  #writeFiles(): void {
    const { program, home } = this.#setup;
    for (const [name, text] of Object.entries(program.files?.(this.#desk("")) ?? {})) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
  }

  /** @throws Error when the client's own command fails */
  async #setUp(): Promise<void> {
    const { setUp } = this.#setup.program;
    const ended = setUp && (await this.#run(setUp(this.#desk("")), {}));
    if (ended && ended.code !== 0) throw new Error(`it does not learn of the model: ${ending(ended)}`);
  }

  #desk(word: string): Desk {
    const { home, model } = this.#setup;
    return { home, model: model.url, service: SERVICE, tool: TOOL, args: { word }, file: this.#file };
  }

  /** A token stands in the file only where it must, and then for its owner alone. */
  #checkToken(token: string, variable: string | undefined): void {
    const isInFile = readFileSync(this.#file, "utf8").includes(token);
    const mode = (statSync(this.#file).mode & 0o777).toString(8);
    if (isInFile === (variable !== undefined)) this.#faults.push(`the token ${isInFile ? "is" : "is not"} in the file`);
    if (isInFile && mode !== "600") this.#faults.push(`the file has the token, and mode ${mode}`);
  }

  async #list(set: Env): Promise<boolean | undefined> {
    const { list, listed = new RegExp(SERVICE) } = this.#setup.program;
    if (list === undefined) return undefined;
    const ended = await this.#run(list(this.#desk("")), set);
    const isListed = ended.code === 0 && listed.test(ended.output);
    if (!isListed) this.#faults.push(`not listed: ${ending(ended)}`);
    return isListed;
  }

  async #call(set: Env): Promise<boolean | string> {
    const { call } = this.#setup.program;
    if (typeof call !== "function") return call.notHere;
    const { isStamped, said } = await this.#callOnce(call, set);
    if (!isStamped) this.#faults.push(`not called: ${said}`);
    return isStamped;
  }

  /** A word of its own each time, so that no answer is one of before. */
  async #callOnce(call: Calling, env: Env): Promise<Ended & { readonly isStamped: boolean; readonly said: string }> {
    const { model, project } = this.#setup;
    const word = randomUUID();
    const conversation = model.begin({ tool: TOOL, args: { word } });
    const ended = await this.#run(call(this.#desk(word)), env);
    const { results, problems, offered } = conversation;
    const isStamped = [...results, ended.output].some((text) => text.includes(project.stamp(word)));
    const tools = `the model was offered ${[...offered].join(" ") || "nothing"}`;
    return { ...ended, isStamped, said: [tools, ...problems, ...results, ending(ended)].join("; ") };
  }

  /** The call, or where there is none the list, must fail: what the gateway saw of it, and how the client took it. */
  async #tryWithout(): Promise<string> {
    const { program, project } = this.#setup;
    const since = await project.logged();
    const code = await (typeof program.call === "function" ? this.#callWithout(program.call) : this.#listWithout());
    const refusals = refusalsIn((await project.logged()).slice(since.length));
    const seen = refusals.length === 0 ? "nothing arrived" : [...new Set(refusals)].join(", ");
    return `${seen}; ${howEnded(code)}`;
  }

  async #callWithout(call: Calling): Promise<number | undefined> {
    const { isStamped, code } = await this.#callOnce(call, {});
    if (isStamped) this.#faults.push("it called the tool without the token");
    return code;
  }

  async #listWithout(): Promise<number | undefined> {
    const { list } = this.#setup.program;
    return list === undefined ? undefined : (await this.#run(list(this.#desk("")), {})).code;
  }

  #run(words: readonly string[], env: Env): Promise<Ended> {
    const { program, home, command } = this.#setup;
    const own = program.env?.(this.#desk("")) ?? {};
    return runCommand([...command, ...words], {
      cwd: this.#setup.project.desk,
      env: { HOME: home, TMPDIR: home, ...own, ...env },
      ...(program.patience !== undefined && { patience: program.patience }),
    });
  }
}

const howEnded = (code: number | undefined) => (code === undefined ? "it did not end" : `exit code ${code}`);

const ending = ({ code, output }: Ended): string => `${howEnded(code)}: ${output.trim().slice(-600)}`;

/** Why the gateway has refused requests: each reason up to its colon. */
function refusalsIn(log: string): string[] {
  const lines = log.split("\n").filter((line) => line.includes('"audit":"refused"'));
  return lines.map((line) => (JSON.parse(line) as { reason: string }).reason.split(":")[0] ?? "");
}
