/** Every kind of server. To add one, write its file and add it to the list: everything else follows from that. */
import { type AppServer, appKind } from "./app.ts";
import { commandKind } from "./command.ts";
import { groupKind } from "./group.ts";
import { httpKind } from "./http.ts";
import { imageKind } from "./image.ts";
import type { AppKind, GroupKind, StdioKind, UpstreamKind } from "./kind.ts";
import { npmKind } from "./npm.ts";
import { pypiKind } from "./pypi.ts";
import { sseKind } from "./sse.ts";

const all = [npmKind, pypiKind, commandKind, imageKind, httpKind, sseKind, groupKind, appKind] as const;

type Every = (typeof all)[number];
type ServerOf<K> = K extends { readonly version?: (server: infer S) => unknown } ? S : never;

/** Where a service's answers come from. Made by the builders of these kinds, never by hand. */
export type Server = ServerOf<Every>;

/** A server that a gateway stands in front of. */
export type McpServer = Exclude<Server, AppServer>;

type McpKind = StdioKind<Server> | UpstreamKind<Server> | GroupKind<Server>;

/** A kind, for whoever does not care which. */
export type Kind = McpKind | AppKind<Server>;

/** All kinds by name. */
export const kinds: ReadonlyMap<string, Kind> = new Map(all.map((kind) => [kind.kind, kind as Kind]));

/** The kind of a server: what is given to its functions is that server. */
export function kindOf(server: McpServer): McpKind;
export function kindOf(server: Server): Kind;
export function kindOf({ kind }: Server): Kind {
  return kinds.get(kind)!;
}
