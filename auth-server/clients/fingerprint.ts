/** By what a client is known again that registers itself. */
import { hash } from "node:crypto";
import type { ClientMetadata } from "../store/contract/clients.ts";

/** Two clients are the same when they tell the same, in whatever order. */
export const fingerprintOf = (metadata: ClientMetadata): string => hash("sha256", JSON.stringify(sorted(metadata)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).toSorted((one, other) => (String(one) < String(other) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, own]): [string, unknown] => [key, sorted(own)]);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
