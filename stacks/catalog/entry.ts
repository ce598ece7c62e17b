/** The types of the catalog. What an option means is documented in the table that it comes from. */
import type { GatewayEntryOptions } from "./gateway-options.ts";
import type { GroupServer } from "./kinds/group.ts";
import type { Server } from "./kinds/registry.ts";
import type { OwnEntryOptions, OwnValues } from "./options.ts";

/**
 * One service, as it is written in services.ts: its key there is its name in every layer.
 * @typeParam Names the keys of the catalog, which a group() may name
 */
export interface ServiceEntry<Names extends string = GroupServer["members"][number]>
  extends OwnEntryOptions, GatewayEntryOptions {
  /** What answers: npm(), pypi(), command(), image(), http(), sse() or group(). */
  readonly server: Exclude<Server, GroupServer> | GroupServer<Names>;
}

/** One harmless tool call. */
export type Probe = NonNullable<ServiceEntry["probe"]>;

/** A checked entry with its name and its defaults filled in: what the stacks and the scripts read. */
export interface Service extends OwnValues, GatewayEntryOptions {
  readonly name: string;
  readonly server: Server;
  /** The groups that it is a member of. Their tokens open it, too: a group calls its members with its own. */
  readonly groups: readonly string[];
  readonly probe?: Required<Probe>;
  readonly keyUrl?: string;
}
