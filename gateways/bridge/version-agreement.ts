/** Which revision to ask for next when a server refuses the one that it was asked for (MCP 2025-11-25, Lifecycle, "Error Handling"). */
import { LEGACY_VERSIONS } from "./versions.ts";

/** The error in an answer, as the server sent it. */
export interface RefusedVersion {
  readonly message?: unknown;
  readonly data?: unknown;
}

/** Where servers name the revisions that they support. The specification's example is `data.supported`. */
const NAMED = /^(supported|versions|protocol)/i;

const ABOUT_VERSIONS = /protocol[ _-]?version|version\b.*support|support.*\bversion/i;

const DATE = /\b20\d\d-\d\d-\d\d\b/g;

/**
 * The newest revision that a server says it supports, that the gateway speaks, and that has not been tried. A server that
 * only says that it does not support the version, and names none, is asked for the next older one.
 * @param tried the revisions that the server has refused
 * @returns undefined when there is none, or the error is about something else
 */
export function nextVersion({ message, data }: RefusedVersion, tried: readonly string[]): string | undefined {
  const text = typeof message === "string" ? message : "";
  const named = [datesIn(supportedIn(data)), datesIn(data), datesIn(text)].map((dates) =>
    dates.filter((date) => !tried.includes(date)),
  );
  const offered = named.find((dates) => dates.length > 0);
  if (offered === undefined && !ABOUT_VERSIONS.test(text)) return undefined;
  return LEGACY_VERSIONS.findLast(
    (version) => (offered ?? LEGACY_VERSIONS).includes(version) && !tried.includes(version),
  );
}

/** The members of an error's data whose names say that they list versions. */
function supportedIn(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return undefined;
  return Object.entries(data).flatMap(([key, value]) => (NAMED.test(key) ? [value as unknown] : []));
}

const datesIn = (value: unknown): string[] => JSON.stringify(value ?? "").match(DATE) ?? [];
