/** Variables of the environment, and files that they name. */
import { readFileSync } from "node:fs";
import { ConfigError } from "../config.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable, or what is in the file that NAME_FILE names. @throws ConfigError when that cannot be read */
export function fromEnvironment(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (env[name] !== undefined && env[name] !== "") return env[name];
  return file === undefined || file === "" ? undefined : contentOf(file, `${name}_FILE`);
}

/** What is in a file that a variable or flag names. @throws ConfigError when it cannot be read, or is empty */
export function contentOf(file: string, where: string): string {
  let content: string;
  try {
    content = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new ConfigError(`${where}: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (content === "") throw new ConfigError(`${where}: ${file} is empty`);
  return content;
}
