#!/usr/bin/env node
/** The command `gangway`: a verb and its words, or the gateway's flags, which run one gateway. */
import { pathToFileURL } from "node:url";
import { program } from "../stacks/shipped.ts";
import { tell, print } from "./kit/print.ts";
import type { Flags } from "./kit/arguments.ts";
import { runVerb, type Verb } from "./kit/verb.ts";

interface Listed {
  readonly summary: string;
  readonly load: () => Promise<Verb<Flags>>;
}

/** Loaded when they are called, so that none waits for what another one imports. */
const verbs: Readonly<Record<string, Listed>> = {
  init: { summary: "make a project of your own", load: async () => (await import("./init.ts")).init },
  start: { summary: "run the services here, behind one gateway", load: async () => (await import("./start.ts")).start },
  verify: { summary: "check running or deployed services", load: async () => (await import("./verify.ts")).verify },
  tools: {
    summary: "list a service's tools and their arguments",
    load: async () => (await import("./tools.ts")).tools,
  },
  call: { summary: "call a tool and print its result", load: async () => (await import("./call.ts")).call },
  plan: { summary: "show what a deploy would change", load: async () => (await import("./plan.ts")).plan },
  deploy: {
    summary: "deploy to this machine's Docker, or under a domain",
    load: async () => (await import("./deploy.ts")).deploy,
  },
  rollback: {
    summary: "go back to a service's previous release",
    load: async () => (await import("./rollback.ts")).rollback,
  },
  token: { summary: "print, make and rotate bearer tokens", load: async () => (await import("./token.ts")).token },
  secrets: {
    summary: "give each secret its line in .env and CI",
    load: async () => (await import("./secrets.ts")).secrets,
  },
  synth: { summary: "write the stacks as Terraform reads them", load: async () => (await import("./synth.ts")).synth },
};

await main(process.argv.slice(2));

async function main([word, ...words]: readonly string[]): Promise<void> {
  if (word === undefined || word === "help" || word === "--help" || word === "-h") return print(help());
  const listed = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
  if (listed !== undefined) return runVerb(await listed.load(), words);
  if (word.startsWith("-")) return void (await import(pathToFileURL(program("gateways/main")).href));
  tell(`gangway: there is no verb "${word}". There are: ${Object.keys(verbs).join(", ")}`);
  process.exitCode = 2;
}

function help(): string {
  const lines = Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return ["gangway <verb> [...]", "", ...lines].join("\n");
}
