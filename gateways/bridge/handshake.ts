/** The gateway as a client of a server: the handshake of the 2025 era, and what the server offers. Knows nothing of HTTP. */
import { GatewayError, type ErrorName } from "../errors.ts";
import { notification, stringIn, type Message } from "../jsonrpc.ts";
import { VERSION } from "../version.ts";
import { ErrorAnswer } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { Tools } from "./tools.ts";
import { LATEST_LEGACY, LEGACY_VERSIONS } from "./versions.ts";

/** What a server answered to `initialize`. */
export interface InitializeResult {
  readonly protocolVersion: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly serverInfo?: { readonly name?: string; readonly version?: string };
  readonly instructions?: string;
}

/** The gateway as a client that can do nothing. */
export const SELF = {
  protocolVersion: LATEST_LEGACY,
  capabilities: {},
  clientInfo: { name: "gangway", version: VERSION },
};

/** Introduces the gateway to a server. @throws when the server refuses or ends */
async function introduce(connection: Connection): Promise<InitializeResult> {
  const result = (await connection.ask("initialize", SELF).catch(refused)) as Partial<InitializeResult> | null;
  if (typeof result?.protocolVersion !== "string") throw new Error("its answer to initialize has no protocolVersion");
  connection.send(notification("notifications/initialized"));
  return {
    ...result,
    protocolVersion: result.protocolVersion,
    capabilities: result.capabilities ?? {},
  };
}

/** An error for an answer to `initialize` is what a server says that has no such method. */
function refused(error: unknown): never {
  if (!(error instanceof ErrorAnswer)) throw error;
  throw new GatewayError("initialize-refused", { reason: error.message.replace(/\.$/, "") });
}

/** What a server has shown of itself once it is up. */
export interface Handshake<I = InitializeResult> {
  readonly result: I;
  readonly version: string | undefined;
  readonly tools: Tools;
}

/** Introduces the gateway and has the tools listed: a server that answers both can serve. @throws when it cannot */
export async function handshake(connection: Connection): Promise<Handshake> {
  const result = await introduce(connection);
  const tools = new Tools();
  if (result.capabilities["tools"]) await tools.list(connection, {});
  return { result, version: versionIn(result.serverInfo), tools };
}

/** The version that a server says it is, if it says one. */
export const versionIn = (info: { readonly version?: unknown } | undefined): string | undefined =>
  typeof info?.version === "string" ? info.version : undefined;

/** The version that a client gets which the gateway itself answers: what it asked for, or the newest that there is. */
export function agreedVersion({ text, params }: Message): string {
  const version = stringIn(text, params, "protocolVersion");
  return version !== undefined && LEGACY_VERSIONS.includes(version) ? version : LATEST_LEGACY;
}

/** The promise, or a refusal when a server that is being started has not answered in time. */
export async function withinStart<T>(started: Promise<T>, milliseconds: number, service: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const reason = `no answer to initialize within ${milliseconds / 1_000} s`;
    timer = setTimeout(() => reject(new GatewayError("child-start-failed", { service, reason })), milliseconds);
  });
  try {
    return await Promise.race([started, late]);
  } catch (error) {
    throw startError(error, service);
  } finally {
    clearTimeout(timer);
  }
}

/** The refusal while a server may not be started again yet. @param wait milliseconds until it may */
export function heldBack(service: string, reason: string | undefined, wait: number): GatewayError {
  const retryAfter = Math.ceil(wait / 1_000);
  return new GatewayError("child-start-failed", { service, reason: reason ?? "it failed before" }, { retryAfter });
}

/** What went wrong during a start, as a refusal that says that nothing has run. */
function startError(error: unknown, service: string): GatewayError {
  if (error instanceof GatewayError && !MAY_HAVE_RUN.has(error.name)) return error;
  const reason = error instanceof GatewayError ? reasonOf(error) : (error as Error).message;
  return new GatewayError("child-start-failed", { service, reason: reason.replace(/\.$/, "") });
}

/** What is said of calls; of a request of the gateway's own it would mislead those whose call waits for it. */
const MAY_HAVE_RUN: ReadonlySet<ErrorName> = new Set(["child-died", "call-ended", "request-timeout", "bad-answer"]);

function reasonOf({ name, details }: GatewayError): string {
  if (name === "request-timeout") return `no answer to ${details["method"]} within ${details["seconds"]} s`;
  if (name === "child-died") return `it ended (${details["reason"]}) before it answered`;
  return name === "bad-answer" ? "it sent an answer that is no JSON-RPC message" : String(details["reason"]);
}
