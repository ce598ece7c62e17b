/** Variables of the environment, and files that they name. */
import { existsSync, readFileSync } from "node:fs";
import { ConfigError, type Option, variableOf } from "../config.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment as it sets options of the gateway. */
export interface OptionVariables {
  readonly env: Environment;
  /**
   * Whether names count without their `GANGWAY_`: in a container, and where nothing but the environment configures the
   * gateway. On a person's machine PORT and HOST mean other things: conda and tcsh set HOST.
   */
  readonly plain: boolean;
}

/** What the environment sets an option to. */
export interface Setting {
  readonly text: string;
  /** The variable, and where it is from, for messages: `GANGWAY_PORT (from the environment)`. */
  readonly where: string;
  /** Whether the text is what a file holds, which may be a secret. */
  readonly isFile: boolean;
}

/** What the environment sets an option to; undefined when it does not. @throws ConfigError when a file cannot be read */
export function settingOf(option: Pick<Option<unknown>, "env">, { env, plain }: OptionVariables): Setting | undefined {
  for (const name of plain ? [variableOf(option), option.env] : [variableOf(option)]) {
    if (isKubernetesLink(name, env)) continue;
    const text = fromEnvironment(env, name);
    const isFile = !env[name];
    if (text !== undefined) return { text, where: `${isFile ? `${name}_FILE` : name} (from the environment)`, isFile };
  }
  return undefined;
}

/** Kubernetes tells every container of a service named gangway: GANGWAY_PORT=tcp://10.0.0.1:80. */
const isKubernetesLink = (name: string, env: Environment) =>
  env["GANGWAY_SERVICE_HOST"] !== undefined && /^GANGWAY_PORT\b/.test(name) && /^\w+:\/\//.test(env[name] ?? "");

/** Whether this process is what a container runs, or is started by an init that a container runs. */
export function isMainInContainer(): boolean {
  const marks = ["/.dockerenv", "/run/.containerenv"];
  return process.pid === 1 || (process.ppid === 1 && marks.some((file) => existsSync(file)));
}

/** A variable, or what is in the file that NAME_FILE names. @throws ConfigError when that cannot be read */
export function fromEnvironment(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (env[name] !== undefined && env[name] !== "") return env[name];
  return file === undefined || file === "" ? undefined : contentOf(file, `${name}_FILE`);
}

/** PowerShell writes UTF-16 where a command's output is redirected. */
const textOf = (bytes: Buffer) =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString("utf16le", 2) : bytes.toString().replace(/^\uFEFF/, "");

/** What is in a file that a variable or flag names. @throws ConfigError when it cannot be read, or is empty */
export function contentOf(file: string, where: string): string {
  let content: string;
  try {
    content = textOf(readFileSync(file)).trim();
  } catch (error) {
    throw new ConfigError(`${where}: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (content === "") throw new ConfigError(`${where}: ${file} is empty`);
  return content;
}
