/** Reads requests and writes answers. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { errors } from "oidc-provider";
import type { Logger } from "../gateways/log.ts";
import { RETRY_AFTER, StoreAway } from "./store/store.ts";

/** A refusal with the code of its RFC. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;

  /** Whether it is not worth a line in the log: it is the next one of many. */
  readonly isQuiet: boolean;

  constructor(
    status: number,
    code: string,
    description: string,
    headers: OutgoingHttpHeaders = {},
    isQuiet: boolean = false,
  ) {
    super(description);
    this.isQuiet = isQuiet;
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Bytes of the largest body that is read. */
const LARGEST = 65_536;

/** Any page may read the answer. */
export const OPEN = { "access-control-allow-origin": "*" };

/** Answers a browser that asks whether a page may call. */
export function answerPreflight(req: IncomingMessage, res: ServerResponse): void {
  const headers = req.headers["access-control-request-headers"];
  res.writeHead(204, {
    ...OPEN,
    "access-control-allow-methods": "GET, POST",
    "access-control-max-age": "3600",
    ...(headers !== undefined && { "access-control-allow-headers": headers }),
  });
  res.end();
}

export function answerJson(res: ServerResponse, status: number, body: object, headers: OutgoingHttpHeaders = {}): void {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  res.end(JSON.stringify(body));
}

/** Answers what has been thrown. Nothing of an error that is not a refusal is told. */
export function fail(res: ServerResponse, error: unknown, log: Logger): void {
  const refusal = refusalIn(error);
  if (refusal === undefined) log.error({ err: error }, "could not answer");
  if (res.headersSent) return void res.destroy();
  const { status, code, message, headers } = refusal ?? new Refusal(500, "server_error", "something went wrong here");
  answerJson(res, status, { error: code, error_description: message }, headers);
}

function refusalIn(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreAway) return awayRefusal(error);
  if (!(error instanceof errors.OIDCProviderError) || error.status >= 500) return undefined;
  return new Refusal(error.status, error.error, error.error_description ?? error.message);
}

/** The store's users are told to come again. */
const awayRefusal = ({ error, error_description: description, status }: StoreAway) =>
  new Refusal(status, error, description, { "retry-after": String(RETRY_AFTER) });

/** The body of a POST of one media type. @param most characters of it @throws Refusal 405, 400 and 413 */
export async function bodyOf(req: IncomingMessage, type: string, most = LARGEST): Promise<string> {
  if (req.method !== "POST") throw new Refusal(405, "invalid_request", "expected POST", { allow: "POST" });
  const sent = (req.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (sent !== type) throw new Refusal(400, "invalid_request", `expected a body of ${type}`);
  let text = "";
  req.setEncoding("utf8");
  for await (const chunk of partsOf<string>(req)) {
    text += chunk;
    if (text.length > most) throw new Refusal(413, "invalid_request", `expected a body of at most ${most} bytes`);
  }
  return text;
}

/**
 * The parts of a body. Whoever stops reading leaves the rest to be thrown away: a request that is destroyed would leave its
 * connection mute, on which a proxy then sends somebody else's.
 */
export async function* partsOf<Part>(req: IncomingMessage): AsyncGenerator<Part> {
  try {
    yield* req.iterator({ destroyOnReturn: false }) as AsyncIterable<Part>;
  } finally {
    req.resume();
  }
}

/** What a request shows as a bearer token. */
export const bearerOf = (req: IncomingMessage): string | undefined =>
  /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? "")?.[1];
