/** Looks for the images of pinned releases before a plan: what is gone cannot be built again. */
import { type Pins, readPins } from "../../stacks/images/pins.ts";
import { holdPin } from "../../stacks/provision/releases.ts";

/** @throws Error with the services whose images are not on this machine's Docker, and what to do */
export async function needsPinned(pins: Pins = readPins(), hold: typeof holdPin = holdPin): Promise<void> {
  const gone: string[] = [];
  for (const [service, pin] of Object.entries(pins["local"] ?? {})) {
    const parts = await hold(service, pin);
    if (parts.length > 0)
      gone.push(
        `${service} is pinned to an earlier release whose image (${parts.join(" and ")}) is not on this machine's Docker any more; ` +
          `docker system prune -a removes such images. Follow the catalog again: npx gangway rollback --release ${service}`,
      );
  }
  if (gone.length > 0) throw new Error(gone.join("\n"));
}
