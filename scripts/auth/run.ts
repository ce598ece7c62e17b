/** Runs a command of the authorization server where it keeps its users: here, in Docker, or on the droplet. */
import { spawn } from "node:child_process";
import { AUTH_SERVER } from "../../stacks/catalog/containers.ts";
import { docker, dockerCommand } from "../../stacks/provision/docker.ts";
import type { Settings } from "../../stacks/settings.ts";
import { didYouMean } from "../../gateways/config/nearest.ts";
import { WrongUse } from "../kit/arguments.ts";
import { authVariables, readyAuthServer } from "../kit/auth-server.ts";
import type { Deployment, HowToRun } from "../kit/deployment.ts";
import { npmRunner } from "../kit/npm.ts";
import { progress } from "../kit/progress.ts";

/** `local`: that of npm start; `local-docker`: of the deployment on this machine; `production`: of that under a domain. */
export const environments = ["local", "local-docker", "production"] as const;

export type Environment = (typeof environments)[number];

/** The flag of both verbs, as `--help` explains it. */
export const ENVIRONMENT_HELP = `local: those of npm start; local-docker: of the deployment on this machine; production: on
                         the droplet or SERVER [local]`;

/** Finds what is deployed under a domain. @throws Error when nothing is */
export type FindProduction = () => Promise<Engine>;

/** The engine that the authorization server is on. */
type Engine = Pick<Deployment, "ask" | "command" | "stack" | "where">;

/** Also one that this project has not deployed to: whoever asks may have the deployment in another folder. */
const here: Engine = {
  stack: "local",
  where: "this machine's Docker",
  ask: (words) => docker(words),
  command: (words, how?: HowToRun) => dockerCommand(words, how),
};

/**
 * Runs it with our stdin and our terminal, so a password reaches it by these alone.
 * @returns its exit code
 * @throws WrongUse for an environment that there is not, Error where there is no authorization server
 */
export async function runAuthCommand(
  words: readonly string[],
  environment: string | undefined,
  findProduction: FindProduction,
): Promise<number> {
  const { program, args, env } = await commandFor(environmentNamed(environment), words, findProduction);
  const child = spawn(program, args, { stdio: "inherit", env });
  process.on("SIGINT", ignore);
  try {
    return await new Promise<number>((resolve, reject) =>
      child.once("error", reject).once("exit", (code) => resolve(code ?? 130)),
    );
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** Ctrl-C reaches the command, too: it decides. */
const ignore = () => {};

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function commandFor(
  environment: Environment,
  words: readonly string[],
  findProduction: FindProduction,
): Promise<Command> {
  const settings = await readSettingsHere();
  if (environment === "local") return localCommand(settings, words);
  const engine = environment === "production" ? await findProduction() : here;
  const hasTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const exec = [
    "exec",
    "--interactive",
    ...(hasTerminal ? ["--tty"] : []),
    await containerIn(engine),
    "node",
    "/auth-server/main.js",
    ...words,
  ];
  const [program = "", ...args] = engine.command(exec, { hasTerminal });
  return { program, args, env: settings.environmentWith([]) };
}

async function localCommand(settings: Settings, words: readonly string[]): Promise<Command> {
  const npm = () => npmRunner(settings.npmProgram, new AbortController().signal);
  const main = await readyAuthServer({ npm, during: progress(words.includes("--json")) });
  const env = settings.environmentWith([]);
  return {
    program: process.execPath,
    args: [main, ...words],
    env: { ...env, ...authVariables({ authPort: settings.authPort, value: (name) => settings.value(name) }) },
  };
}

/** The one that runs. While a release replaces another one, both work on the same file. @throws Error when there is none */
async function containerIn({ ask, stack, where }: Engine): Promise<string> {
  const filter = ["--filter", `label=gangway.service=${AUTH_SERVER}`, "--filter", "status=running"];
  const listed = await ask(["ps", ...filter, "--format", "{{.Names}}"]);
  const [container] = listed.split("\n").filter((name) => name !== "");
  if (container !== undefined) return container;
  throw new Error(
    `no authorization server runs in ${where}: give an entry auth: "oauth" and deploy it (npx gangway deploy ${stack})`,
  );
}

/** Imported at run time, so that a mistake in the catalog is reported like any other. */
async function readSettingsHere(): Promise<Settings> {
  const { readCatalog } = await import("../../stacks/catalog/read.ts");
  const { readSettings } = await import("../../stacks/settings.ts");
  return readSettings(Object.values(await readCatalog()));
}

/** @throws WrongUse */
function environmentNamed(name: string = "local"): Environment {
  const found = environments.find((environment) => environment === name);
  if (found !== undefined) return found;
  throw new WrongUse(
    `--environment is ${name}, expected one of ${environments.join(", ")}${didYouMean(name, environments)}`,
  );
}
