/** The gateway as the client of a legacy server: the handshake, and what the server offers. */
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

/** What the gateway says about itself as a client: it has no capabilities. */
export const SELF = {
  protocolVersion: LATEST_LEGACY,
  capabilities: {},
  clientInfo: { name: "gangway", version: VERSION },
};

/** Sends `initialize` and `notifications/initialized`. @throws when the server refuses or ends */
async function initialize(connection: Connection): Promise<InitializeResult> {
  const result = (await connection.ask("initialize", SELF).catch(refused)) as Partial<InitializeResult> | null;
  if (typeof result?.protocolVersion !== "string") throw new Error("its answer to initialize has no protocolVersion");
  connection.send(notification("notifications/initialized"));
  return {
    ...result,
    protocolVersion: result.protocolVersion,
    capabilities: result.capabilities ?? {},
  };
}

/** A server that has no `initialize` answers it with an error: it may be a modern one. */
function refused(error: unknown): never {
  if (!(error instanceof ErrorAnswer)) throw error;
  throw new GatewayError("initialize-refused", { reason: error.message.replace(/\.$/, "") });
}

/** What the gateway knows about a server once the handshake is done. */
export interface Handshake<I = InitializeResult> {
  readonly result: I;
  /** The server's own version, if it states one. */
  readonly version: string | undefined;
  readonly tools: Tools;
}

/** Performs the handshake and lists the tools: a server that answers both can serve. @throws when it cannot */
export async function handshake(connection: Connection): Promise<Handshake> {
  const result = await initialize(connection);
  const tools = new Tools();
  if (result.capabilities["tools"]) await tools.list(connection, {});
  return { result, version: versionIn(result.serverInfo), tools };
}

/** The version that a server states about itself, if any. */
export const versionIn = (info: { readonly version?: unknown } | undefined): string | undefined =>
  typeof info?.version === "string" ? info.version : undefined;

/** The version that the gateway agrees on with a client: the one that the client asked for, or else the newest. */
export function agreedVersion({ text, params }: Message): string {
  const version = stringIn(text, params, "protocolVersion");
  return version !== undefined && LEGACY_VERSIONS.includes(version) ? version : LATEST_LEGACY;
}

/** Waits for a server that is being started. @throws GatewayError when it fails, or does not answer in time */
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

/** The error while a start is delayed after failures. @param wait milliseconds until the next try */
export function startDelayed(service: string, reason: string | undefined, wait: number): GatewayError {
  const retryAfter = Math.ceil(wait / 1_000);
  return new GatewayError("child-start-failed", { service, reason: reason ?? "it failed before" }, { retryAfter });
}

/** What went wrong during a start, as an error that does not say that a call may have run. */
function startError(error: unknown, service: string): GatewayError {
  if (error instanceof GatewayError && !MAY_HAVE_RUN.has(error.name)) return error;
  const reason = error instanceof GatewayError ? reasonOf(error) : (error as Error).message;
  return new GatewayError("child-start-failed", { service, reason: reason.replace(/\.$/, "") });
}

/** These speak of a client's call, but a start fails at a request of the gateway's own: the calls that wait have not run. */
const MAY_HAVE_RUN: ReadonlySet<ErrorName> = new Set(["child-died", "call-ended", "request-timeout", "bad-answer"]);

function reasonOf({ name, details }: GatewayError): string {
  if (name === "request-timeout") return `no answer to ${details["method"]} within ${details["seconds"]} s`;
  if (name === "child-died") return `it ended (${details["reason"]}) before it answered`;
  return name === "bad-answer" ? "it sent an answer that is not a JSON-RPC message" : String(details["reason"]);
}
