/** `npx gangway rollback`: pins a service to its previous release, or removes the pin. */
import { AUTH_SERVER } from "../stacks/catalog/containers.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { pickServices } from "../stacks/catalog/pick.ts";
import { readPins } from "../stacks/images/pins.ts";
import { place, shown } from "../stacks/project.ts";
import { holdPin, releasesOf, runningRelease } from "../stacks/provision/releases.ts";
import { readSettings } from "../stacks/settings.ts";
import { DEPLOYMENT_HELP, oneDeployment } from "./deploy/deployments.ts";
import { note, onRecord } from "./history/on-record.ts";
import { oneService } from "./kit/arguments.ts";
import { defineVerb } from "./kit/verb.ts";
import { previousRelease, toldPin, writePins } from "./rollback/pins.ts";
import { print } from "./kit/print.ts";

const usage = `npx gangway rollback [--release] [--env <place>] <service>

Pins a service to the release before the one that runs: ${shown(place.pins)} records its images, the next deploy starts it
behind the same gate as any other release, and every plan shows the pin. The service stays there, whatever the catalog
says, until you remove the pin.

  --release    remove the pin: the next deploy follows the catalog again
${DEPLOYMENT_HELP}
  --help       print this`;

export const rollback = defineVerb({
  name: "gangway rollback",
  usage,
  flags: { release: "boolean", env: "string" },
  takesNames: true,
  completes: "services",
  run: async ({ release, env }, names) => {
    const asked = oneService(names, "rollback");
    const catalog = await readCatalog();
    // The authorization server is in no catalog, but has releases like a service.
    const name = asked === AUTH_SERVER ? AUTH_SERVER : pickServices(catalog, [asked])[0]!.name;
    const settings = readSettings([], { catalog: Object.values(catalog) });
    const deployment = await oneDeployment(env, "npx gangway start has no releases: only a deployment has", settings);
    const { stack, label, where, ask } = deployment;
    const on = { stack, deployment: label };
    const pins = readPins();
    const { [name]: pinned, ...others } = pins[stack] ?? {};
    if (release) {
      if (pinned === undefined)
        throw new Error(`${name} is not pinned in stack ${stack}, so there is no pin to remove`);
      writePins({ ...pins, [stack]: others });
      await note({ action: "unpin", ...on, services: { [name]: {} } }, ask);
      return print(`${name} is no longer pinned. Deploy: npx gangway deploy ${stack}`);
    }
    const [releases, running] = [await releasesOf(name, ask), await runningRelease(name, ask)];
    const { pin, released } = previousRelease(releases, running, name, where);
    await onRecord({ action: "rollback", ...on, services: { [name]: pin } }, { host: ask }, async () => {
      await holdPin(name, pin, ask);
      writePins({ ...pins, [stack]: { ...others, [name]: pin } });
    });
    print(
      `${name} is pinned to ${toldPin(pin)}, released ${released}. Deploy: npx gangway deploy ${stack}.\n` +
        `Commit ${shown(place.pins)}: a deploy from a checkout without it, such as CI, follows the catalog again.`,
    );
  },
});
