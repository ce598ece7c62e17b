/** One request to the authorization server, whose answer is trusted neither in size nor in time. */
import { GatewayError } from "../errors.ts";

/** Milliseconds from the request to the end of the answer, and the most bytes of that. */
const TIME = 5_000;
const MOST_BYTES = 256 * 1024;

/** An answer with status 200. */
export interface ServerAnswer {
  readonly bytes: Buffer;
  readonly content: Readonly<Record<string, unknown>>;
}

/**
 * Asks for a JSON object. A redirect is not followed: a secret would go where it leads.
 * @throws GatewayError `auth-server-away` for every other answer, and for none
 */
export async function askServer(url: string, init: RequestInit = {}): Promise<ServerAnswer> {
  const response = await responseTo(url, init);
  if (response.status !== 200) throw away(`HTTP ${response.status}`, secondsIn(response.headers.get("retry-after")));
  try {
    const bytes = await bodyOf(response);
    return { bytes, content: objectIn(bytes) };
  } catch (error) {
    throw error instanceof GatewayError ? error : away(reasonOf(error));
  }
}

/** A kept connection may be closed by the server just as it is used, so what reached nobody is sent once more. */
async function responseTo(url: string, init: RequestInit, isFirst = true): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(TIME) });
  } catch (error) {
    if (isFirst && causeOf(error) !== undefined) return responseTo(url, init, false);
    throw away(reasonOf(error));
  }
}

async function bodyOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > MOST_BYTES) throw away("its answer is too long");
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function objectIn(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return { ...content };
  } catch {
    // said below
  }
  throw away("its answer is not a JSON object");
}

/** @param retryAfter seconds @default 5 */
export function away(reason: string, retryAfter?: number): GatewayError {
  return new GatewayError("auth-server-away", { reason }, retryAfter === undefined ? {} : { retryAfter });
}

/** Why there was no answer, without the address. */
export function reasonOf(error: unknown): string {
  if ((error as Error).name === "TimeoutError") return `no answer in ${TIME / 1_000} s`;
  return causeOf(error) ?? "its answer broke off";
}

/** The system's word for a connection that failed: `ECONNREFUSED`. */
function causeOf(error: unknown): string | undefined {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : undefined;
}

const LONGEST_WAIT = 60;

const secondsIn = (retryAfter: string | null) =>
  retryAfter !== null && /^\d{1,4}$/.test(retryAfter) ? Math.min(Number(retryAfter), LONGEST_WAIT) : undefined;
