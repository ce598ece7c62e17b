/** `${NAME}` in gateway.json: the value of a variable of the environment. */
import { ConfigError } from "../config.ts";
import type { Environment } from "./environment.ts";
import { formProblem } from "./tokens.ts";

const REFERENCE = /\$\{(\w+)\}/g;

/** Fills `${NAME}` from the environment, so that no secret has to be in the file. */
export const fill = (text: string, env: Environment) => text.replace(REFERENCE, (_, name: string) => env[name] ?? "");

/** The variables that texts refer to and that are not set: what a service needs before it can run. */
export function missingIn(texts: readonly (string | undefined)[], env: Environment): string[] {
  return referencesIn(texts).filter((name) => !env[name]);
}

/** Names of the variables that texts refer to. */
export const referencesIn = (texts: readonly (string | undefined)[]): string[] => [
  ...new Set(texts.flatMap((text) => [...(text ?? "").matchAll(REFERENCE)].map(([, name = ""]) => name))),
];

/**
 * Each text is one token. A missing one is an error, and not something that a service needs: without it, anybody would get in.
 * @throws ConfigError that shows nothing of a token
 */
export function tokensIn(texts: readonly string[], env: Environment, where: string): string[] {
  const [missing] = missingIn(texts, env);
  if (missing !== undefined) throw new ConfigError(`${where}: \${${missing}} is not set in the environment`);
  return texts.map((text, index) => {
    const token = fill(text, env);
    const problem = formProblem(token);
    if (problem === undefined) return token;
    throw new ConfigError(`${where}.${index} ${problem}: each element of "tokens" is one token`);
  });
}
