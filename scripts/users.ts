/** `gangway users`: who may log in to the services with `auth: "oauth"`. */
import { ENVIRONMENT_HELP, runAuthCommand } from "./auth/run.ts";
import { commandIn } from "./auth/words.ts";
import { deploymentAt } from "./deploy/deployments.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway users <list | add | reset | remove | disable | enable> [<user>] [--environment <environment>] [--json]

Says who may log in to services with auth: "oauth". A password is typed at the terminal, unseen, or is the first line of
stdin. Whoever is reset, removed or disabled is logged out everywhere at once.

  npx gangway users add you@example.org                asks for a password
  npx gangway users add you@example.org --link         prints a link with which the user sets one
  npx gangway users list

  --team <list>          of add: teams of the user, which an entry's allow may name: ops, or ops,dev
  --totp                 of add and reset: also asks for a code of an authenticator app at each login
  --link                 of add and reset: prints a link for the user, which works once and for 24 hours
  --environment <name>   ${ENVIRONMENT_HELP}
  --json                 print JSON
  --help                 print this

Exit code: 0 done, 1 refused, 2 for a mistake in the command line.`;

const commands = { list: 0, add: 1, reset: 1, remove: 1, disable: 1, enable: 1 } as const;

export const users = defineVerb({
  name: "gangway users",
  usage,
  flags: { team: "string", totp: "boolean", link: "boolean", environment: "string", json: "boolean" },
  takesNames: true,
  completes: Object.keys(commands),
  run: ({ environment, team, ...switches }, names) => {
    const words = commandIn("users", commands, names, "npx gangway users add you@example.org");
    const teams = (team ?? "").split(",").filter((name) => name !== "");
    const given = Object.entries(switches).filter(([, isSet]) => isSet);
    const flags = [...teams.flatMap((name) => ["--team", name]), ...given.map(([name]) => `--${name}`)];
    return runAuthCommand(["users", ...words, ...flags], environment, () => deploymentAt("production"));
  },
});
