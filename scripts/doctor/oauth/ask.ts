/** Sends a request as a client does, and reads what comes back. */

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** How a request is sent. */
export interface Sending {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; URLSearchParams as a form. */
  readonly body?: object | undefined;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Nothing came back. */
export class NoReply extends Error {}

/** Characters that are read of a body: what is longer is no document of OAuth. */
const LONGEST = 1_000_000;

/** Follows no redirect. @throws NoReply */
export async function ask(url: string, { method = "GET", headers = {}, body, timeout }: Sending): Promise<Reply> {
  const isForm = body instanceof URLSearchParams;
  const sent = body === undefined ? {} : { body: isForm ? body.toString() : JSON.stringify(body) };
  const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
  const all = { ...(body && { "content-type": type }), ...headers };
  try {
    const signal = AbortSignal.timeout(timeout);
    const response = await fetch(url, { method, headers: all, ...sent, redirect: "manual", signal });
    const text = (await response.text()).slice(0, LONGEST);
    return { status: response.status, headers: response.headers, text, json: objectIn(lastEvent(text)) };
  } catch (error) {
    throw new NoReply(reasonOf(error, timeout), { cause: error });
  }
}

/** A reply of MCP may be a stream with one event. */
function lastEvent(text: string): string {
  const [last] = text.match(/^data:.*\{.*$/gm)?.slice(-1) ?? [];
  return last === undefined ? text : last.replace(/^data: ?/, "");
}

function objectIn(text: string): Reply["json"] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Reply["json"]) : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, timeout: number): string {
  if ((error as Error).name === "TimeoutError") return `nothing came within ${timeout / 1_000} s`;
  const { cause } = error as Error;
  const { code, message } = (cause ?? error) as NodeJS.ErrnoException;
  return code ?? message;
}
