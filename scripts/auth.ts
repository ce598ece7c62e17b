/** `gangway auth`: who is logged in to the services with `auth: "oauth"`, with which clients, and how that ends. */
import { ENVIRONMENT_HELP, runAuthCommand } from "./auth/run.ts";
import { commandIn } from "./auth/words.ts";
import { deploymentAt } from "./deploy/deployments.ts";
import { WrongUse } from "./kit/arguments.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway auth <sessions | revoke | clients> [<grant>] [--environment <environment>] [--json]

Shows who is logged in to services with auth: "oauth", and logs out: the next call of a client that was revoked is refused.

  sessions               each grant: its user, client and services, since when, and when it was used last
  revoke <grant>         ends one grant, by its id in the list; or all of a user or of a client
  clients                the clients that have registered

  --user <user>          of sessions and revoke: those of one user
  --client <client>      of revoke: those of one client
  --environment <name>   ${ENVIRONMENT_HELP}
  --json                 print JSON
  --help                 print this

Exit code: 0 done, 1 refused, 2 for a mistake in the command line.`;

export const auth = defineVerb({
  name: "gangway auth",
  usage,
  flags: { user: "string", client: "string", environment: "string", json: "boolean" },
  takesNames: true,
  completes: ["sessions", "revoke", "clients"],
  run: ({ environment, json, user, client }, names) => {
    const isAll = user !== undefined || client !== undefined;
    const words = commandIn(
      "auth",
      { sessions: 0, revoke: isAll ? 0 : 1, clients: 0 },
      names,
      "npx gangway auth sessions",
    );
    if (user !== undefined && words[0] === "clients") throw new WrongUse("--user goes with sessions or revoke");
    if (client !== undefined && words[0] !== "revoke") throw new WrongUse("--client goes with revoke");
    const flags = [
      ...(user === undefined ? [] : [`--user=${user}`]),
      ...(client === undefined ? [] : [`--client=${client}`]),
      ...(json ? ["--json"] : []),
    ];
    const [command = "", ...ids] = words;
    return runAuthCommand([command, ...flags, ...(ids.length > 0 ? ["--", ...ids] : [])], environment, () =>
      deploymentAt("production"),
    ); // an id may begin with a dash
  },
});
