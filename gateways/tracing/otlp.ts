/** OTLP over HTTP as JSON (opentelemetry-proto 1, "OTLP/HTTP"). Loaded when the first spans are sent. */
import { VERSION } from "../version.ts";
import type { Collector, Span } from "./tracer.ts";

/** Milliseconds that a collector has to answer. */
const TIMEOUT = 5_000;

/** Sends spans. @returns why they were not taken; undefined = they were */
export async function sendSpans(spans: readonly Span[], { endpoint, headers }: Collector): Promise<string | undefined> {
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...Object.fromEntries(headers.map(pair)), "content-type": "application/json" },
      body: JSON.stringify(requestOf(spans)),
      redirect: "error", // another host would get the headers
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `the collector answers ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return `the collector cannot be reached (${cause instanceof Error ? cause.message : message})`;
  }
}

function pair(header: string): [string, string] {
  const at = header.indexOf("=");
  return [header.slice(0, at).trim(), decodeURIComponent(header.slice(at + 1).trim())];
}

const requestOf = (spans: readonly Span[]) => ({
  resourceSpans: [
    {
      resource: { attributes: attributes({ "service.name": "gangway", "service.version": VERSION }) },
      scopeSpans: [{ scope: { name: "gangway", version: VERSION }, spans: spans.map(written) }],
    },
  ],
});

/** Of a gateway's requests all are of the kind SERVER (2). */
const written = ({ context, parent, link, name, start, end, attributes: named, error }: Span) => ({
  traceId: context.traceId,
  spanId: context.spanId,
  ...(parent && { parentSpanId: parent.spanId }),
  ...(link && { links: [{ traceId: link.traceId, spanId: link.spanId }] }),
  name,
  kind: 2,
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(end),
  attributes: attributes(named),
  status: error === "" ? {} : { code: 2, message: error },
});

const nanoseconds = (ms: number) => `${ms}000000`;

const attributes = (named: Readonly<Record<string, string>>) =>
  Object.entries(named).map(([key, value]) => ({ key, value: { stringValue: value } }));
