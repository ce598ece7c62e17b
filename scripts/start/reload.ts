/** Takes changes of the catalog and of the settings while `npm start` runs. */
import { fork } from "node:child_process";
import { FileWatch } from "../../gateways/file-watch.ts";
import { catalogFile, place, shownCatalog } from "../../stacks/project.ts";
import { program } from "../../stacks/shipped.ts";
import { folder } from "../kit/folder.ts";
import type { GatewayProcess } from "../kit/gateway-process.ts";
import { tell } from "../kit/print.ts";
import type { Said } from "./again.ts";
import { writeConfig } from "./gateway-config.ts";
import type { Stopping } from "./stop.ts";

/** What changes are taken for. */
export interface Reloadable {
  /** The services that were asked for. @default - all */
  readonly names: readonly string[];
  /** The variables that the gateway has. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The services that the authorization server knows. */
  readonly logins: readonly string[];
  readonly gateway: GatewayProcess;
  readonly stopping: Stopping;
}

/** What `npm start` reads. */
const FILES = [...(catalogFile === undefined ? [] : [catalogFile]), place.env, place.tokens, place.toolsLock];

/** Watches until it is stopped, and takes one change after the other. */
export function reloadOnChange({ names, env: first, logins, gateway, stopping }: Reloadable): { stop(): void } {
  let env = first;
  let taking: Promise<void> | undefined;
  let isDue = false;
  const take = async () => {
    for (isDue = true; isDue && !stopping.first.aborted;) {
      isDue = false;
      watch.read();
      const said = await readAgain(names, stopping.first);
      if (said === undefined || stopping.first.aborted) return;
      if ("problem" in said) tellProblem(said.problem);
      else {
        const unknown = said.logins.filter((name) => !logins.includes(name));
        if (unknown.length > 0) tell(`  ! logins of ${unknown.join(", ")}: start again to take them`);
        for (const notice of said.notices) tell(`  ${notice}`);
        gateway.child.send({ variables: changedVariables(env, said.env) });
        env = said.env;
        writeConfig(folder.config, said.config);
      }
    }
  };
  const changed = () => {
    isDue = true;
    watch.read();
    taking ??= take().finally(() => (taking = undefined));
  };
  const watch = new FileWatch(FILES, changed);
  stopping.asked = changed;
  return watch;
}

/** In a process of its own. @returns undefined when it was stopped */
function readAgain(names: readonly string[], signal: AbortSignal): Promise<Said | undefined> {
  const reading = fork(program("scripts/start/again"), names, { stdio: ["ignore", "ignore", "pipe", "ipc"], signal });
  let [stderr, said]: [string, Said | undefined] = ["", undefined];
  reading.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = `${stderr}${text}`.slice(-4_000)));
  reading.on("message", (message) => (said = message as Said));
  return new Promise((resolve) => {
    reading.once("error", (error) => resolve(signal.aborted ? undefined : { problem: error.message }));
    reading.once("close", () => resolve(said ?? { problem: stderr.trim() || "it could not be read" }));
  });
}

function tellProblem(problem: string): void {
  tell(`  ${shownCatalog} or .env has changed, and is wrong: what runs goes on`);
  for (const line of problem.split("\n")) tell(`    ${line}`);
}

/** What the gateway has to be told: null for a variable that is gone. */
function changedVariables(before: Reloadable["env"], after: Reloadable["env"]): Record<string, string | null> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name]).map((name) => [name, after[name] ?? null]),
  );
}
