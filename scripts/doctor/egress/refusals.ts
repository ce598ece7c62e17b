/** Which hosts a server asked for and did not get, as the logs of its containers tell. */
import { jsonIn } from "../../kit/json.ts";

/** One host. */
export interface Refusal {
  /** As it would be listed in `egress`. */
  readonly host: string;
  /** "unlisted": its entry does not list it; otherwise the proxy's words, of a host that is listed. */
  readonly reason: string;
  readonly times: number;
  /** When it was last told. */
  readonly last: string;
}

/** What a server asked for besides: so many different names that the log does not have each. */
export interface Refusals {
  readonly hosts: readonly Refusal[];
  readonly further: number;
}

const UNLISTED = "unlisted";

/** Reads the lines of a service's containers. What is no report of a refusal is passed over: a server may write there, too. */
export function refusalsIn(lines: readonly string[]): Refusals {
  const hosts = new Map<string, Refusal>();
  let further = 0;
  for (const line of lines) {
    const { host, reason, times, time } = reported(line);
    if (times === 0) continue;
    if (host === undefined) further += times;
    else {
      const before = hosts.get(`${host} ${reason}`)?.times ?? 0;
      hosts.set(`${host} ${reason}`, { host, reason, times: before + times, last: time });
    }
  }
  return { hosts: [...hosts.values()].toSorted((one, other) => other.times - one.times), further };
}

/** @returns times 0 when it is none */
function reported(line: string): { host?: string; reason: string; times: number; time: string } {
  const { msg, host, port, address, times = 1, time = "" } = fieldsOf(line);
  const none = { reason: "", times: 0, time: "" };
  if (typeof msg !== "string" || !msg.startsWith("refused") || !isCount(times)) return none;
  if (typeof host !== "string") return { reason: UNLISTED, times, time: String(time) };
  const listed = typeof port === "number" && port !== 443 ? `${host}:${port}` : host;
  const where = typeof address === "string" && address !== "-" ? ` (${address})` : "";
  const reason = port === undefined ? UNLISTED : `${msg.replace(/^refused: /, "")}${where}`;
  return { host: listed, reason, times, time: String(time) };
}

const fieldsOf = (line: string) => (jsonIn(line) ?? {}) as Readonly<Record<string, unknown>>;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** The hosts that its entry would have to list. */
export const unlisted = ({ hosts }: Refusals): Refusal[] => hosts.filter(({ reason }) => reason === UNLISTED);

/** The hosts that it lists, and that were refused for another reason. */
export const misled = ({ hosts }: Refusals): Refusal[] => hosts.filter(({ reason }) => reason !== UNLISTED);
