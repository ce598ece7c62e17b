/** `${NAME}` in gateway.json: the value of a variable of the environment. */
import { ConfigError } from "../config.ts";
import type { Environment } from "./flags.ts";

const REFERENCE = /\$\{(\w+)\}/g;

/** Fills `${NAME}` from the environment, so that no secret has to be in the file. */
export const fill = (text: string, env: Environment) => text.replace(REFERENCE, (_, name: string) => env[name] ?? "");

/** The variables that texts refer to and that are not set: what a service needs before it can run. */
export function missingIn(texts: readonly (string | undefined)[], env: Environment): string[] {
  const names = texts.flatMap((text) => [...(text ?? "").matchAll(REFERENCE)].map(([, name = ""]) => name));
  return [...new Set(names)].filter((name) => !env[name]);
}

/** A missing token is an error, and not something that a service needs: without it, anybody would get in. @throws ConfigError */
export function tokensIn(texts: readonly string[], env: Environment, where: string): string[] {
  const [missing] = missingIn(texts, env);
  if (missing !== undefined) throw new ConfigError(`${where}: \${${missing}} is not set in the environment`);
  return texts.map((text) => fill(text, env));
}
