/** The types of the catalog. What an option means is documented in the table that it comes from. */
import type { GatewayEntryOptions } from "./gateway-options.ts";
import type { Server } from "./kinds/registry.ts";
import type { OwnEntryOptions, OwnValues } from "./options.ts";

/** One service, as it is written in services.ts: its key there is its name in every layer. */
export interface ServiceEntry extends OwnEntryOptions, GatewayEntryOptions {
  /** What answers: npm(), pypi(), command(), image(), http() or sse(). */
  readonly server: Server;
}

/** One harmless tool call. */
export type Probe = NonNullable<ServiceEntry["probe"]>;

/** A checked entry with its name and its defaults filled in: what the stacks and the scripts read. */
export interface Service extends OwnValues, GatewayEntryOptions {
  readonly name: string;
  readonly server: Server;
  readonly probe?: Required<Probe>;
  readonly keyUrl?: string;
}
