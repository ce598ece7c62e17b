#!/usr/bin/env node
/** The command `gangway`: a verb and its words, or the gateway's flags, which run one gateway. */
import { pathToFileURL } from "node:url";
import { nearest } from "../gateways/config/nearest.ts";
import { watchOutput } from "../gateways/lost-output.ts";
import { program } from "../stacks/shipped.ts";
import { asTyped } from "./kit/as-typed.ts";
import { isRunner } from "./kit/runners.ts";
import { print, tell } from "./kit/print.ts";

const WRONG_USE = 2;

watchOutput();
await main(process.argv.slice(2));

async function main([word, ...words]: readonly string[]): Promise<void> {
  if (word === undefined || word === "--help" || word === "-h") return help([]);
  if (word === "help") return help(words);
  if (word.startsWith("-")) return runGateway();
  if (word === "complete") return (await import("./completion/complete.ts")).complete(words);
  const { runVerb } = await import("./kit/verb.ts");
  const verb = await find(word);
  return verb === undefined ? refuse(word, words) : runVerb(verb, words);
}

async function find(name: string) {
  if (name === "completion") return (await import("./completion.ts")).completion;
  const { verbs } = await import("./verbs.ts");
  return Object.hasOwn(verbs, name) ? verbs[name]!.load() : undefined;
}

/** The gateway reads the same command line. */
async function runGateway(): Promise<void> {
  await import(pathToFileURL(program("gateways/main")).href);
}

async function help([topic, ...more]: readonly string[]): Promise<void> {
  if (topic === undefined || (topic === "help" && more.length === 0))
    return print(asTyped((await import("./help.ts")).helpScreen()));
  if (topic === "gateway") {
    process.argv.splice(2, Infinity, "--help");
    return runGateway();
  }
  const verb = await find(topic);
  if (verb === undefined || more.length > 0) return refuse([topic, ...more].join(" "), []);
  print(asTyped(verb.usage));
}

async function refuse(word: string, words: readonly string[]): Promise<void> {
  process.exitCode = WRONG_USE;
  if (isRunner(word))
    return tell(`gangway: to run a server, put its command after --: npx gangway-mcp -- ${[word, ...words].join(" ")}`);
  const { verbNames } = await import("./verbs.ts");
  const meant = nearest(word, verbNames);
  const hint = meant === undefined ? `There are: ${verbNames.join(", ")}` : `Did you mean "${meant}"?`;
  tell(asTyped(`gangway: "${word}" is not a verb. ${hint}\nSee: npx gangway --help`));
}
