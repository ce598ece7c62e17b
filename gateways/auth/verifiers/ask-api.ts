/** One question to the API of a service, with the caller's token. Whatever answers is not trusted: neither its size nor its time. */
import { exchange, reasonOf, type UpstreamResponse } from "../../bridge/upstream-request.ts";
import { readBody, TooLong } from "../../bridge/upstream-response.ts";
import { ApiUnavailable } from "./verifier.ts";

/** What an API answered. */
export interface ApiAnswer {
  readonly status: number;
  /** A response header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The object that its body is; empty when it is anything else. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks one API. @throws ApiUnavailable when there is no answer that says anything of the token */
export type AskApi = (url: string, token: string) => Promise<ApiAnswer>;

/** Milliseconds from the question to the end of the answer, and the most bytes of an answer. */
const TIME = 5_000;
const MOST_BYTES = 64 * 1024;

/**
 * Asks with GET. A redirect is not followed: the token would go where it leads.
 * @throws ApiUnavailable when it cannot be reached in time, redirects, is busy (429), fails (5xx), or says too much
 */
export const askApi: AskApi = async (url, token) => {
  const signal = AbortSignal.timeout(TIME);
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  try {
    const response = await exchange(new URL(url), { method: "GET", headers, signal });
    const text = await wholeBody(response, signal);
    requireAnswer(response);
    return { status: response.status, header: headerOf(response), body: objectIn(text) };
  } catch (error) {
    if (error instanceof ApiUnavailable) throw error;
    if (error instanceof TooLong) throw new ApiUnavailable("its answer is too long");
    throw new ApiUnavailable(signal.aborted ? `no answer in ${TIME / 1_000} s` : reasonOf(error));
  }
};

/** The body, which is cut off when the time is over, however slowly it comes. */
async function wholeBody(response: UpstreamResponse, signal: AbortSignal): Promise<string> {
  const cut = () => void response.body.destroy(new Error("late"));
  signal.addEventListener("abort", cut, { once: true });
  if (signal.aborted) cut();
  try {
    return await readBody(response, { maxLine: MOST_BYTES });
  } finally {
    signal.removeEventListener("abort", cut);
    response.body.destroy();
  }
}

/** @throws ApiUnavailable for an answer that is not about the token */
function requireAnswer({ status, headers }: UpstreamResponse): void {
  if (status >= 300 && status < 400) throw new ApiUnavailable(`it redirects (HTTP ${status})`);
  if (status === 429 || status >= 500) throw new ApiUnavailable(`HTTP ${status}`, secondsIn(headers["retry-after"]));
}

/** Of a Retry-After in seconds; a date is not understood. */
export const secondsIn = (retryAfter: string | undefined): number | undefined =>
  retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) : undefined;

function headerOf({ headers }: UpstreamResponse): ApiAnswer["header"] {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}

function objectIn(bytes: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes, "latin1").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * What every API's answer comes to: 401 refuses the token, 403 refuses what it may do, 200 must name somebody.
 * @throws ApiUnavailable for any other answer: it has changed, and nothing is known of the token
 */
export function refusalIn({ status }: ApiAnswer): string | undefined {
  if (status === 401 || status === 403) return `HTTP ${status}`;
  if (status === 200) return undefined;
  throw new ApiUnavailable(`an answer that is not expected (HTTP ${status})`);
}
