/**
 * One HTTP request to an upstream. Not fetch: that gives up on an upstream which is silent for five minutes, although the
 * call has a clock of its own, and does not tell whether it had sent anything. Knows nothing of MCP.
 */
// oxlint-disable-next-line no-restricted-imports -- the bridge knows no HTTP server; here it is a client
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { pipeline, type Readable, type Transform } from "node:stream";
import type { TLSSocket } from "node:tls";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { VERSION } from "../version.ts";

export interface UpstreamRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  /** One character a byte. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** What it says, without its content encoding. Whoever has the response reads it to its end, or destroys it. */
  readonly body: Readable;
}

/** No connection came about: nothing of the request was sent. */
export class NotSent extends Error {}

/** Milliseconds for a connection to come about. */
const CONNECT_TIME = 10_000;

/** Idle connections are dropped before the usual 5 s after which a server does: a call must not meet its going away. */
const IDLE = { keepAlive: true, timeout: 4_000 };
const agents = { http: new http.Agent(IDLE), https: new https.Agent(IDLE) };

/**
 * Sends a request and resolves with the head of its response. A redirect is a response like any other and is not
 * followed: it would carry the secret elsewhere.
 * @throws NotSent, or Error when the upstream may have got the request
 */
export async function exchange(url: URL, request: UpstreamRequest): Promise<UpstreamResponse> {
  const response = await headOf(open(url, request), request.body);
  response.on("error", () => {}); // whoever reads it is told; nobody may be reading it
  return { status: response.statusCode as number, headers: response.headers, body: decoded(response) };
}

function open(url: URL, { method, headers, body, signal }: UpstreamRequest): http.ClientRequest {
  const own = { "accept-encoding": "identity", ...(body !== undefined && { "content-length": body.length }) };
  try {
    const options = { method, headers: { "user-agent": `gangway/${VERSION}`, ...headers, ...own }, signal };
    return url.protocol === "https:"
      ? https.request(url, { ...options, agent: agents.https })
      : http.request(url, { ...options, agent: agents.http });
  } catch (error) {
    throw new NotSent((error as Error).message, { cause: error }); // a header that cannot be sent
  }
}

async function headOf(request: http.ClientRequest, body = ""): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  let connected = false;
  const late = setTimeout(() => request.destroy(new Error(`no connection in ${CONNECT_TIME / 1_000} s`)), CONNECT_TIME);
  const over = (error: Error) => {
    clearTimeout(late);
    reject(connected ? error : new NotSent(reasonOf(error), { cause: error }));
  };
  request.once("socket", (socket) =>
    whenConnected(socket, () => {
      connected = true;
      clearTimeout(late);
      socket.setKeepAlive(true, 30_000); // a stream may be silent for hours: only so does one hear that the other is gone
    }),
  );
  request.once("response", resolve).on("error", over);
  request.once("close", () => over(new Error("the connection was closed")));
  request.end(body, "latin1");
  return promise;
}

function whenConnected(socket: Socket, then: () => void): void {
  const { encrypted, secureConnecting } = socket as Partial<TLSSocket> & { secureConnecting?: boolean };
  if (socket.connecting || secureConnecting) socket.once(encrypted ? "secureConnect" : "connect", then);
  else then();
}

/** Some compress although they were asked not to. */
const decoders = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

function decoded(response: http.IncomingMessage): Readable {
  const decoder = decoders.get(response.headers["content-encoding"]?.toLowerCase() ?? "")?.();
  return decoder ? pipeline(response, decoder, () => {}) : response; // its reader is told of errors
}

/** Why a request failed, in a word for the caller: ECONNREFUSED rather than "connect ECONNREFUSED 127.0.0.1:8080". */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
