/** An MCP endpoint as `gangway tools` and `gangway call` use it, in whichever era it speaks. */
import type { IncomingMessage } from "node:http";
import { Refusal, resultFor, unexpected, Wrong } from "../kit/mcp/answers.ts";
import { allTools, type Tool } from "../kit/mcp/all-tools.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { Http } from "../kit/mcp/http.ts";
import { initializeParams, type Message } from "../kit/mcp/messages.ts";
import { ModernClient } from "../kit/mcp/modern.ts";
import { VERSION } from "../../gateways/version.ts";

/** What came of a call. */
export type Result = Readonly<Record<string, unknown>>;

/** While a call runs. */
export interface During {
  /** Aborted to cancel the call, which tells the server so. */
  readonly signal: AbortSignal;
  /** Takes what the server says of its progress. */
  readonly onProgress: (text: string) => void;
}

/** A connected endpoint. */
export interface Endpoint {
  tools(): Promise<Tool[]>;
  call(name: string, args: object, during: During): Promise<Result>;
  /** Ends the session, where there is one. */
  close(): Promise<void>;
}

/** The caller may not in: it has no token, or a wrong one. */
export class NotAllowed extends Error {}

/** Milliseconds that a call may take: longer than anybody waits. A gateway has a limit of its own. */
const NEVER = 2 ** 31 - 1;

/** Milliseconds that anything else may take. A gateway gives a server half of it to start. */
const PATIENCE = 120_000;

/** Milliseconds that a cancelled call is given to say how it ended, and a session to close. */
const GRACE = 1_000;

/** How many pages of tools are read. */
const PAGES = 1_000;

const CLIENT = { name: "gangway", version: VERSION };

/**
 * Opens a session as a client of 2025-11-25, which every gateway understands; an endpoint that knows no sessions is called as
 * 2026-07-28 has it.
 * @param patience milliseconds that anything but a call may take
 * @throws NotAllowed, or Error that says why nobody can be called there
 */
export async function connect(url: string, token: string | undefined, patience = PATIENCE): Promise<Endpoint> {
  const { origin, pathname, search } = new URL(url);
  const http = new Http(origin, NEVER, `${pathname === "/" ? "/mcp" : pathname}${search}`);
  const client = new McpClient(http, token);
  const reply = await client
    .send({ jsonrpc: "2.0", id: 0, method: "initialize", params: initializeParams(CLIENT) }, within(patience))
    .catch((error: Error) => Promise.reject(new Error(`nobody answers at ${url} (${networkWords(error)})`)));
  if (reply.statusCode === 401 || reply.statusCode === 403) throw await notAllowed(reply);
  try {
    if (reply.statusCode !== 200) throw await unexpected("initialize", reply);
    return await withSession(client, http, reply, patience);
  } catch (error) {
    const modern = withoutSession(http, token, patience);
    if (await modern.isSpoken()) return modern;
    http.close();
    if (error instanceof Refusal) throw error;
    throw new Error(`${url} answers, but not as an MCP endpoint: ${networkWords(error as Error)}`, { cause: error });
  }
}

async function withSession(client: McpClient, http: Http, reply: IncomingMessage, patience: number): Promise<Endpoint> {
  const { protocolVersion } = await resultFor(reply, 0, () => {});
  const session = reply.headers["mcp-session-id"];
  client.session = typeof session === "string" ? session : undefined; // a server without state gives none
  client.version = String(protocolVersion);
  const tell = async (method: string, params?: object) =>
    void (await client.send({ jsonrpc: "2.0", method, ...(params && { params }) })).resume();
  await tell("notifications/initialized");
  return {
    tools: () => allTools((params) => inWords(client.request("tools/list", params, within(patience))), PAGES),
    call: (name, args, { signal, onProgress }) => {
      const id = client.nextId();
      const leave = new AbortController();
      const cancel = () => {
        setTimeout(() => leave.abort(), GRACE).unref();
        void tell("notifications/cancelled", { requestId: id, reason: "the caller pressed Ctrl-C" }).catch(() => {});
      };
      signal.addEventListener("abort", cancel, { once: true });
      const params = { name, arguments: args, _meta: { progressToken: id } };
      return inWords(
        client.request("tools/call", params, { id, signal: leave.signal, onMessage: progressOf(onProgress) }),
      );
    },
    close: async () => {
      const ended = client.session === undefined ? Promise.resolve() : client.delete();
      const late = new Promise((resolve) => setTimeout(resolve, GRACE).unref());
      await Promise.race([ended, late]).catch(() => {}); // it ends by itself, too
      http.close();
    },
  };
}

function withoutSession(
  http: Http,
  token: string | undefined,
  patience: number,
): Endpoint & { isSpoken(): Promise<boolean> } {
  const client = new ModernClient(http, CLIENT);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = (method: string, params: object, more: object = {}) =>
    client.request(method, params, { headers, ...more });
  return {
    isSpoken: () =>
      request("server/discover", {}, within(patience)).then(
        () => true,
        () => false,
      ),
    tools: () => allTools((params) => inWords(request("tools/list", params, within(patience))), PAGES),
    // To leave is to cancel: MCP 2026-07-28, Streamable HTTP, "Cancellation".
    call: (name, args, { signal, onProgress }) =>
      inWords(
        request(
          "tools/call",
          { name, arguments: args },
          { id: 1, progressToken: 1, signal, onMessage: progressOf(onProgress) },
        ),
      ),
    close: async () => http.close(),
  };
}

const progressOf =
  (onProgress: (text: string) => void) =>
  ({ method, params }: Message): void => {
    if (method !== "notifications/progress") return;
    const { progress, total, message } = params ?? {};
    const steps = [progress, total].filter((step) => typeof step === "number").join(" of ");
    onProgress(typeof message === "string" && message !== "" ? `${message} (${steps})` : steps);
  };

async function notAllowed(reply: IncomingMessage): Promise<NotAllowed> {
  const problem = await unexpected("initialize", reply);
  return new NotAllowed(problem instanceof Refusal ? problem.message : `it answers ${reply.statusCode}.`);
}

const within = (ms: number) => ({ signal: AbortSignal.timeout(ms) });

/** An answer, or why there is none, in words. */
const inWords = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error: Error) =>
    Promise.reject(isOurs(error) ? error : new Error(`no answer: ${networkWords(error)}`)),
  );

const isOurs = (error: Error) => error instanceof Refusal || error instanceof Wrong;

/** What Node's errors mean. */
function networkWords({ name, message, code = "" }: NodeJS.ErrnoException): string {
  if (name === "AbortError" || name === "TimeoutError") return "it has said nothing for too long";
  if (code.startsWith("HPE_")) return "it does not speak HTTP";
  return meanings[code] ?? (message || code);
}

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "no way to that host",
  ENETUNREACH: "no way to that host",
  ETIMEDOUT: "the host does not answer",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host",
  EPROTO: "it does not speak TLS: try http://",
  ERR_INVALID_CHAR: "it names a session or a revision that no header can carry",
};
