/** The gateway as the client of a legacy server: the handshake, and what the server offers. */
import { GatewayError, toGatewayError, type ErrorName } from "../errors.ts";
import { notification, stringIn, type Message } from "../jsonrpc.ts";
import { VERSION } from "../version.ts";
import { ErrorAnswer } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { startFailed, type StartFailure } from "./start-failed.ts";
import { Tools } from "./tools.ts";
import { nextVersion } from "./version-agreement.ts";
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

/** Performs the handshake. The server may still have to list its tools. @throws when it refuses or ends */
export async function handshake(connection: Connection): Promise<Handshake> {
  const result = (await initialize(connection)) as Partial<InitializeResult> | null;
  if (typeof result?.protocolVersion !== "string") throw new Error("its answer to initialize has no protocolVersion");
  connection.send(notification("notifications/initialized"));
  const { capabilities: offered } = result;
  const capabilities = typeof offered === "object" && offered !== null ? offered : {};
  const tools = new Tools(capabilities["tools"] ? {} : undefined);
  return {
    result: { ...result, protocolVersion: result.protocolVersion, capabilities },
    version: versionIn(result.serverInfo),
    tools,
  };
}

/** Sends `initialize`, again with another revision when the server refuses one. @throws GatewayError `initialize-refused` */
async function initialize(connection: Connection): Promise<unknown> {
  for (const tried: string[] = [SELF.protocolVersion]; ;) {
    try {
      return await connection.ask("initialize", { ...SELF, protocolVersion: tried.at(-1) });
    } catch (error) {
      const next = error instanceof ErrorAnswer ? nextVersion(error.error, tried) : undefined;
      if (next === undefined) return refused(error);
      tried.push(next);
    }
  }
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
    timer = setTimeout(() => reject(startFailed(service, { reason })), milliseconds);
  });
  try {
    return await Promise.race([started, late]);
  } catch (error) {
    throw startError(error, service);
  } finally {
    clearTimeout(timer);
  }
}

/** A failed start, with what is wrong and what to do if what the server has written tells. */
export function withHint(error: unknown, connection: Connection): GatewayError {
  const failure = toGatewayError(error);
  const hint = connection.closed?.hint ?? connection.hint;
  if (hint === undefined || failure.name !== "child-start-failed") return failure;
  return startFailed(String(failure.details["service"]), { reason: String(failure.details["reason"]), hint });
}

/** The error while a start is delayed after failures. @param wait milliseconds until the next try */
export function startDelayed(service: string, last: StartFailure | undefined, wait: number): GatewayError {
  return startFailed(service, last ?? { reason: "it failed before" }, { retryAfter: Math.ceil(wait / 1_000) });
}

/** What went wrong during a start, as an error that does not say that a call may have run. */
function startError(error: unknown, service: string): GatewayError {
  if (error instanceof GatewayError && error.name === "upstream-broke")
    return new GatewayError(
      "upstream-start-failed",
      { service, reason: reasonOf(error) },
      { operator: error.operator },
    );
  if (error instanceof GatewayError && !MAY_HAVE_RUN.has(error.name)) return error;
  const reason = error instanceof GatewayError ? reasonOf(error) : (error as Error).message;
  return startFailed(service, { reason });
}

/** These speak of a client's call, but a start fails at a request of the gateway's own: the calls that wait have not run. */
const MAY_HAVE_RUN: ReadonlySet<ErrorName> = new Set(["child-died", "call-ended", "request-timeout", "bad-answer"]);

/** Why a start failed, in a few words that follow "did not start:". */
export function reasonOf({ name, details, message }: GatewayError): string {
  if (name === "request-timeout") return `no answer to ${details["method"]} within ${details["seconds"]} s`;
  if (name === "child-died" && details["how"] === undefined)
    return `it ended (${details["reason"]}) before it answered`;
  if (name === "bad-answer") return "it sent an answer that is not a JSON-RPC message";
  return String(details["reason"] ?? message);
}

/** Why a start failed, to be told again while the next one is delayed. */
export const failureOf = (error: GatewayError): StartFailure => ({
  reason: reasonOf(error),
  hint: error.details["hint"] as string | undefined,
});

/**
 * How loudly a failed start is logged. A server of the modern era refuses `initialize`, which is no fault; if it is not of
 * that era either, whoever asks for it says so.
 */
export const levelFor = (error: GatewayError): "info" | "warn" => (isRefusal(error) ? "info" : "warn");

/** Whether a server answered, and is not of the era in which it was asked. */
export const isRefusal = ({ name }: GatewayError): boolean =>
  name === "initialize-refused" || name === "discover-refused" || name === "no-common-version";
