/** An HTTP client that can do what `fetch` cannot: call from any address of the loopback network, under any Host. */
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Who asks whom. */
export interface Target {
  readonly port: number;
  readonly https: boolean;
  readonly host: string;
}

export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address that it comes from. @default "127.0.0.1" */
  readonly from?: string;
}

/** An answer whose body is still to come. */
export interface Open {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Each server-sent event's data with the time it came at, in milliseconds. */
  readonly events: AsyncGenerator<{ readonly data: string; readonly at: number }>;
  readonly text: () => Promise<string>;
  /** Cuts it off. */
  readonly leave: () => void;
}

/** Asks, and resolves as soon as the head of the answer is there. */
export async function open(target: Target, question: Question): Promise<Open> {
  const {
    method = question.body === undefined ? "GET" : "POST",
    path,
    headers = {},
    body,
    from = "127.0.0.1",
  } = question;
  const send = target.https ? secure : plain;
  const request = send({
    host: "127.0.0.1",
    port: target.port,
    localAddress: from,
    method,
    path,
    agent: false,
    headers: {
      host: authority(target),
      ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
      ...headers,
    },
    ...(target.https && { rejectUnauthorized: false, servername: target.host }),
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  request.on("error", () => {}); // cut off, by this side or the other
  return {
    status: response.statusCode!,
    headers: response.headers,
    events: eventsIn(response),
    text: () => textOf(response),
    leave: () => request.destroy(),
  };
}

/** Asks, and reads the whole answer. */
export async function ask(target: Target, question: Question) {
  const { status, headers, text } = await open(target, question);
  return { status, headers, body: await text() };
}

/** The Host header of a page at this address. */
export const authority = ({ host, port, https }: Target): string =>
  port === (https ? 443 : 80) ? host : `${host}:${port}`;

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk as string;
  return text;
}

/** The server-sent events of an answer. */
export async function* eventsIn(response: Readable) {
  for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
    const data = /^data: ?(.+)$/.exec(line)?.[1];
    if (data !== undefined) yield { data, at: performance.now() };
  }
}
