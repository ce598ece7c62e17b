/** Keeps a droplet that a project has deployed to, when the project turns to a machine of its own. */
import type { Settings } from "../../stacks/settings.ts";
import type { Changes } from "./changes.ts";

/** What of a droplet has data on it. */
const HAS_DATA = /^digitalocean_(droplet|volume)\./;

/** @throws Error where SERVER would have the plan destroy the droplet or its volume, with how to do it on purpose */
export function keepDroplet({ destroy }: Pick<Changes, "destroy">, settings: Pick<Settings, "value" | "named">): void {
  const lost = destroy.filter((address) => HAS_DATA.test(address));
  if (settings.value("SERVER") === undefined || lost.length === 0) return;
  throw new Error(
    `${settings.named("SERVER")} is set, and this project has a droplet: the deploy would destroy ${lost.join(" and ")} ` +
      "WITH ALL DATA. To stay there, unset SERVER. To move: unset it, save the data that you need, npx gangway destroy services edge, " +
      "set it again, and deploy",
  );
}
