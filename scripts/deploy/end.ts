/** What a deploy says at its end: each service with its state and its URL. */
import { readCatalog } from "../../stacks/catalog/read.ts";
import { type Deployed, deployedServices } from "../../stacks/deployed.ts";
import { deploymentOf } from "../../stacks/deployment.ts";
import type { Settings } from "../../stacks/settings.ts";
import { readMaintenance } from "../kit/maintenance.ts";
import { printTables, tell } from "../kit/print.ts";
import { progress } from "../kit/progress.ts";
import { indent } from "../kit/table.ts";
import type { AskEngine } from "./engine-words.ts";
import { isWell, lastWords, lookAt, table } from "./look.ts";

/** What the container of the proxy is called. */
const NGINX_PROXY = "nginx-proxy";

/** @throws Error when a service does not serve; what its log says at its end has been told */
export async function tellEnd(stack: string, settings: Settings, ask: AskEngine): Promise<void> {
  const environment = stack === "local" ? "local-docker" : "production";
  const services: readonly Deployed[] = deployedServices(environment, Object.values(await readCatalog()), settings);
  const seen = await progress(false)("looking at every service", () => lookAt(deploymentOf(stack, settings), ask));
  printTables(indent(["", ...table(services, seen), ""].join("\n")));
  if (!isWell(services, seen)) {
    for (const line of await lastWords(seen, ask)) tell(indent(line));
    throw new Error("not every service serves (see above)");
  }
  const on = await readMaintenance(NGINX_PROXY, ask).catch(() => []); // an earlier Gangway has no switch
  if (on.length > 0) tell("  maintenance is on, and callers are answered 503 until: npx gangway maintenance off");
  tell(`  all of them serve. Check them as a client would: npx gangway verify --env ${environment}`);
}
