/** The gateway as a client of a modern server (MCP 2026-07-28, Discovery). Knows nothing of HTTP. */
import { GatewayError } from "../errors.ts";
import { SELF, versionIn, type Acquaintance } from "./handshake.ts";
import type { Peer } from "./connection.ts";
import { Tools } from "./tools.ts";
import { LATEST_MODERN, META, MODERN_VERSIONS } from "./versions.ts";

/** What a server answered to `server/discover`. */
export interface Discovery {
  readonly supportedVersions: readonly string[];
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions?: string;
  readonly serverInfo: { readonly name?: string; readonly version?: string } | undefined;
}

/** What the gateway's own requests carry. */
export const OWN_META = {
  [META.version]: LATEST_MODERN,
  [META.capabilities]: SELF.capabilities,
  [META.client]: SELF.clientInfo,
};

interface DiscoverResult extends Partial<Omit<Discovery, "serverInfo">> {
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** Asks a server who it is. @throws when it does not speak the modern era, or ends */
async function discover(peer: Peer): Promise<Discovery> {
  const result = (await peer.ask("server/discover", { _meta: OWN_META })) as DiscoverResult | null;
  const supportedVersions = result?.supportedVersions;
  if (!Array.isArray(supportedVersions)) throw new Error("its answer to server/discover has no supportedVersions");
  if (!supportedVersions.some((version) => MODERN_VERSIONS.includes(version))) {
    throw new GatewayError("no-common-version", { versions: supportedVersions.join(", ") });
  }
  const { _meta: meta, capabilities = {} } = result as DiscoverResult;
  const serverInfo = meta?.[META.server] as Discovery["serverInfo"];
  if (typeof capabilities !== "object") throw new Error("its capabilities in server/discover are no object");
  return { ...result, supportedVersions, capabilities, serverInfo };
}

/** Asks a server who it is and has its tools listed. @throws when it does not speak the modern era, or cannot serve */
export async function getToKnowModern(peer: Peer): Promise<Acquaintance<Discovery>> {
  const introduction = await discover(peer);
  const tools = new Tools();
  if (introduction.capabilities["tools"]) await tools.list(peer, { _meta: OWN_META });
  return { introduction, version: versionIn(introduction.serverInfo), tools };
}
