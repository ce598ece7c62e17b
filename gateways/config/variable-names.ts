/** Variables that are set and mean nothing to us, although somebody may think so. */
import { type Option, serverOptions, variableOf } from "../config.ts";
import { allOptions } from "./every-option.ts";
import { type OptionVariables, settingOf } from "./environment.ts";
import { nearest } from "./nearest.ts";

const options = Object.values(allOptions);

const known: readonly string[] = options.map(variableOf).flatMap((name) => [name, `${name}_FILE`]);

const withoutPrefix = (name: string) => name.replace(/^(GANGWAY|MCP)_/, "");

/** Without what all have in common, which would make any two resemble each other. */
const byWord = new Map(known.map((name) => [withoutPrefix(name).toLowerCase(), name]));

/** A warning for each variable that is most likely a misspelt one of ours. Kubernetes sets GANGWAY_SERVICE_HOST and the like. */
export function misspelt({ env }: OptionVariables): string[] {
  const ours = Object.keys(env).filter(
    (name) => name.startsWith("GANGWAY_") && !known.includes(name) && !/^GANGWAY_(SERVICE|PORT)_/.test(name),
  );
  return ours.flatMap((name) => {
    const meant = nearest(withoutPrefix(name), byWord.keys());
    return meant === undefined
      ? []
      : [`${name} (from the environment) sets nothing, did you mean ${byWord.get(meant)}?`];
  });
}

/** A line about variables that would count in a container, and do not here. */
export function unread({ env, plain }: OptionVariables): string[] {
  const names = options.filter((option) => isUnread(option, { env, plain })).map((option) => option.env);
  if (names.length === 0) return [];
  const one = names.length === 1;
  return [
    `${names.join(", ")} (from the environment) ${one ? "is" : "are"} not read here: set ${names.map((name) => variableOf({ env: name })).join(", ")} instead if ${one ? "it is" : "they are"} meant for the gateway`,
  ];
}

/** What to add to the message that there is no server. */
export function unreadServer(variables: OptionVariables): string {
  const name = [serverOptions.stdio, serverOptions.url].find((option) => isUnread(option, variables))?.env;
  return name === undefined
    ? ""
    : `. ${name} (from the environment) is read only where no flag is given: write ${variableOf({ env: name })}`;
}

const isUnread = (option: Option<unknown>, { env, plain }: OptionVariables) =>
  !plain && variableOf(option) !== option.env && Boolean(env[option.env]) && !settingOf(option, { env, plain });
