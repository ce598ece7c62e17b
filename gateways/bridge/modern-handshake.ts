/** The gateway as the client of a modern server (MCP 2026-07-28, Discovery). */
import { GatewayError, toGatewayError } from "../errors.ts";
import { ErrorAnswer } from "./answers.ts";
import { isRefusal, reasonOf, SELF, versionIn, type Handshake } from "./handshake.ts";
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

/** The request that says what a modern server is (MCP 2026-07-28, Discovery). */
export const DISCOVER = "server/discover";

/** The answer as the server sent it, unchecked. */
interface ReceivedResult extends Partial<Omit<DiscoverResult, "serverInfo">> {
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** Sends `server/discover`. @throws when the server is not of the modern era, or ends */
async function discover(connection: Connection, timeout?: number): Promise<DiscoverResult> {
  const asked = connection.ask(DISCOVER, { _meta: OWN_META }, timeout);
  const result = (await asked.catch(refused)) as ReceivedResult | null;
  const supportedVersions = result?.supportedVersions;
  if (!Array.isArray(supportedVersions)) throw new Error("its answer to server/discover has no supportedVersions");
  if (!supportedVersions.some((version) => MODERN_VERSIONS.includes(version))) {
    throw new GatewayError("no-common-version", { versions: supportedVersions.join(", ") });
  }
  const { _meta: meta, capabilities = {} } = result as ReceivedResult;
  // Its sessions keep clients apart, which here would all be one client to it.
  if (meta?.[META.translated] === true) throw new GatewayError("discover-refused", { reason: "a gateway translates" });
  const serverInfo = meta?.[META.server] as DiscoverResult["serverInfo"];
  if (typeof capabilities !== "object") throw new Error("its capabilities in server/discover are not an object");
  return { ...result, supportedVersions, capabilities, serverInfo };
}

/** A server that answers with an error does not speak the era, unless the error is a failure of its own. */
function refused(error: unknown): never {
  if (!(error instanceof ErrorAnswer) || error.code === INTERNAL_ERROR) throw error;
  throw new GatewayError("discover-refused", { reason: error.message.replace(/\.$/, "") });
}

/** JSON-RPC 2.0, section 5.1. */
const INTERNAL_ERROR = -32603;

/** Whether a server shows that it is of the modern era, and if not, why. */
export interface NotModern {
  /** Undefined when it does. */
  readonly reason: string | undefined;
  /** Whether it answered, and does not speak the era. */
  readonly isRefusal: boolean;
}

/** Asks a modern server whether it still is one. @param timeout milliseconds */
export async function whyNotModern(connection: Connection, timeout: number): Promise<NotModern> {
  try {
    await discover(connection, timeout);
    return { reason: undefined, isRefusal: false };
  } catch (error) {
    const failure = toGatewayError(error);
    return { reason: reasonOf(failure), isRefusal: isRefusal(failure) };
  }
}

/** Performs the modern handshake. The server may still have to list its tools. @throws when it is not of the modern era */
export async function modernHandshake(connection: Connection): Promise<Handshake<DiscoverResult>> {
  const result = await discover(connection);
  const tools = new Tools(result.capabilities["tools"] ? { _meta: OWN_META } : undefined);
  return { result, version: versionIn(result.serverInfo), tools };
}
