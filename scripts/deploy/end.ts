/** What a deploy says at its end: each service with its state and its URL. */
import { readCatalog } from "../../stacks/catalog/read.ts";
import { type Deployed, deployedServices } from "../../stacks/deployed.ts";
import { deploymentOf } from "../../stacks/deployment.ts";
import type { Settings } from "../../stacks/settings.ts";
import { printTables, tell } from "../kit/print.ts";
import { progress } from "../kit/progress.ts";
import { indent } from "../kit/table.ts";
import type { AskEngine } from "./engine-words.ts";
import { isWell, lastWords, lookAt, table } from "./look.ts";

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
  tell(`  all of them serve. Check them as a client would: npx gangway verify --env ${environment}`);
}
