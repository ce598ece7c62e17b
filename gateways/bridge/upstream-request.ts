/**
 * One HTTP request to an upstream. It does not use fetch, which gives up after five minutes of silence although calls have
 * a timeout of their own, and does not say whether anything was sent.
 */
// oxlint-disable-next-line no-restricted-imports -- the bridge knows no HTTP server; here it is a client
import * as http from "node:http";
import type { Socket } from "node:net";
import { pipeline, type Readable, type Transform } from "node:stream";
import type { TLSSocket } from "node:tls";
import { deferred } from "../deferred.ts";
import { https, zlib } from "../on-demand.ts";
import { routeTo } from "./proxy.ts";
import { VERSION } from "../version.ts";

/** What is sent to an upstream. */
export interface UpstreamRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  /** One character a byte (see jsonrpc.ts). */
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What an upstream answers. */
export interface UpstreamResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The body without its content encoding. It must be read to the end or destroyed. */
  readonly body: Readable;
}

/** There was no connection, so nothing was sent. */
export class NotSent extends Error {}

/** Milliseconds to connect. */
const CONNECT_TIMEOUT = 10_000;

/**
 * Sends a request and resolves with the head of its response. A redirect is not followed (see upstream-redirect.ts).
 * @throws NotSent, or Error when the upstream may have received the request
 */
export async function exchange(url: URL, request: UpstreamRequest): Promise<UpstreamResponse> {
  const response = await headOf(open(url, request), request.body);
  response.on("error", () => {}); // the reader of the body gets the error too, but there may be none
  return { status: response.statusCode as number, headers: response.headers, body: decoded(response) };
}

function open(url: URL, { method, headers, body, signal }: UpstreamRequest): http.ClientRequest {
  const own = { "accept-encoding": "identity", ...(body !== undefined && { "content-length": body.length }) };
  try {
    const { host, headers: forProxy, ...route } = routeTo(url);
    const all = { "user-agent": `gangway/${VERSION}`, ...headers, ...own, ...forProxy };
    const send = url.protocol === "https:" ? https().request : http.request;
    return send(url, { method, headers: all, signal, ...route, ...host });
  } catch (error) {
    throw new NotSent((error as Error).message, { cause: error }); // a header that cannot be sent
  }
}

async function headOf(request: http.ClientRequest, body = ""): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = deferred<http.IncomingMessage>();
  let connected = false;
  const late = setTimeout(
    () => request.destroy(new Error(`no connection in ${CONNECT_TIMEOUT / 1_000} s`)),
    CONNECT_TIMEOUT,
  );
  const over = (error: Error) => {
    clearTimeout(late);
    reject(connected ? error : new NotSent(reasonOf(error), { cause: error }));
  };
  request.once("socket", (socket) =>
    whenConnected(socket, () => {
      connected = true;
      clearTimeout(late);
      socket.setKeepAlive(true, 30_000); // a stream may be silent for hours, and only this detects that the upstream is gone
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

/** Some upstreams compress although the request asks them not to. */
const decoders = new Map<string, () => Transform>([
  ["gzip", () => zlib().createGunzip()],
  ["x-gzip", () => zlib().createGunzip()],
  ["deflate", () => zlib().createInflate()],
  ["br", () => zlib().createBrotliDecompress()],
]);

function decoded(response: http.IncomingMessage): Readable {
  const decoder = decoders.get(response.headers["content-encoding"]?.toLowerCase() ?? "")?.();
  return decoder ? pipeline(response, decoder, () => {}) : response; // the reader of the body gets the error
}

/** Why a request failed, in one word if possible: ECONNREFUSED rather than "connect ECONNREFUSED 127.0.0.1:8080". */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : message;
}
