/** `npm run token`: prints the bearer token that the services ask for. */
import { localToken } from "../stacks/secrets.ts";
import { readSettings } from "../stacks/settings.ts";
import { verb } from "./kit/verb.ts";
import { print } from "./kit/print.ts";

const usage = `npm run token

Prints the bearer token that the services ask for: MCP_BEARER_TOKEN, or else the one that stack local made up for itself.
On stdout alone, so that it can be used: curl -H "Authorization: Bearer $(npm run --silent token)"

  --help   print this`;

await verb({
  name: "npm run token",
  usage,
  run: () => print(readSettings([]).bearerToken ?? localToken()),
});
