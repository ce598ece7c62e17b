/** `npm run token`: shows the bearer token that the services ask for. */
import { localToken } from "../stacks/secrets.ts";
import { readSettings } from "../stacks/settings.ts";

// On stdout alone, so that it can be used: curl -H "Authorization: Bearer $(npm run --silent token)"
console.log(readSettings([]).bearerToken ?? localToken());
