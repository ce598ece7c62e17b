/** The gateway as the client of a modern server (MCP 2026-07-28, Discovery). */
import { GatewayError } from "../errors.ts";
import { SELF, versionIn, type Handshake } from "./handshake.ts";
import type { Connection } from "./connection.ts";
import { Tools } from "./tools.ts";
import { LATEST_MODERN, META, MODERN_VERSIONS } from "./versions.ts";

/** What a server answered to `server/discover`. */
export interface DiscoverResult {
  readonly supportedVersions: readonly string[];
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions?: string;
  readonly serverInfo: { readonly name?: string; readonly version?: string } | undefined;
}

/** The `_meta` of the gateway's own requests. */
export const OWN_META = {
  [META.version]: LATEST_MODERN,
  [META.capabilities]: SELF.capabilities,
  [META.client]: SELF.clientInfo,
};

/** The answer as the server sent it, unchecked. */
interface ReceivedResult extends Partial<Omit<DiscoverResult, "serverInfo">> {
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** Sends `server/discover`. @throws when the server is not of the modern era, or ends */
async function discover(connection: Connection): Promise<DiscoverResult> {
  const result = (await connection.ask("server/discover", { _meta: OWN_META })) as ReceivedResult | null;
  const supportedVersions = result?.supportedVersions;
  if (!Array.isArray(supportedVersions)) throw new Error("its answer to server/discover has no supportedVersions");
  if (!supportedVersions.some((version) => MODERN_VERSIONS.includes(version))) {
    throw new GatewayError("no-common-version", { versions: supportedVersions.join(", ") });
  }
  const { _meta: meta, capabilities = {} } = result as ReceivedResult;
  const serverInfo = meta?.[META.server] as DiscoverResult["serverInfo"];
  if (typeof capabilities !== "object") throw new Error("its capabilities in server/discover are not an object");
  return { ...result, supportedVersions, capabilities, serverInfo };
}

/** Performs the modern handshake. The server may still have to list its tools. @throws when it is not of the modern era */
export async function modernHandshake(connection: Connection): Promise<Handshake<DiscoverResult>> {
  const result = await discover(connection);
  const tools = new Tools(result.capabilities["tools"] ? { _meta: OWN_META } : undefined);
  return { result, version: versionIn(result.serverInfo), tools };
}
