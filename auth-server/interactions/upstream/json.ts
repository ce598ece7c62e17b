/** JSON from another server: bounded in time and size, and never from where it redirects to. */
import { UpstreamError } from "./upstream.ts";

const TIMEOUT = 10_000;
const LONGEST = 512 * 1_024;

/** @throws UpstreamError for anything but JSON with status 200 */
export async function fetchJson(url: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { accept: "application/json", "user-agent": "gangway", ...(init.headers as Record<string, string>) };
  try {
    const answer = await fetch(url, { ...init, headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT) });
    const text = await boundedText(answer);
    if (!answer.ok) throw new UpstreamError(`${new URL(url).host} answered ${answer.status}`);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    throw new UpstreamError(`${new URL(url).host} cannot be used: ${reasonOf(error)}`);
  }
}

async function boundedText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += (part as Uint8Array).length;
    if (length > LONGEST) throw new UpstreamError(`${new URL(answer.url).host} answered more than ${LONGEST} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString("utf8");
}

const reasonOf = (error: unknown) =>
  error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);

/** A field that must be a text. @throws UpstreamError */
export function textIn(value: unknown, field: string): string {
  const found = (value as Record<string, unknown> | null)?.[field];
  if (typeof found === "string" && found !== "") return found;
  throw new UpstreamError(`its answer has no ${field}`);
}

/** The fields of a token request, which is a form (RFC 6749, section 4.1.3). */
export const formOf = (fields: Readonly<Record<string, string>>): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});
