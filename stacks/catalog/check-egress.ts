/** What can be wrong with the hosts that a server may reach. */
import { isIP } from "node:net";
import { containerName } from "./containers.ts";
import { fullDestination, splitDestination } from "./destinations.ts";
import { type Entries, type Entry, isRecord, unexpected } from "./problem.ts";

/** The name of a host is a part of the path of its socket, which has to be short. */
const LONGEST_HOST = 70;

const dnsLabel = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
const hostName = new RegExp(String.raw`^(${dnsLabel}\.)*${dnsLabel}$`);

/** Problems of one list by itself. */
export function destinationProblems(egress: unknown): string[] {
  if (!Array.isArray(egress)) return [];
  if (egress.length === 0) return [unexpected("egress", egress, '"none", or a host')];
  const texts = egress.filter((each): each is string => typeof each === "string");
  const full = texts.map(fullDestination);
  return texts.flatMap((text, at) => {
    const expected = expectedInstead(text) ?? (full.indexOf(full[at]!) < at ? "each host and port once" : undefined);
    return expected === undefined ? [] : [`egress has "${text}", expected ${expected}`];
  });
}

/** @returns what should be there instead; undefined when it is right */
function expectedInstead(text: string): string | undefined {
  const { host, port } = splitDestination(text);
  if (text.includes("://") || text.includes("/")) return 'a host without scheme and path, as in "api.example.com"';
  if (text.includes("*"))
    return (
      "each host by its whole name: with a wildcard, whoever owns a name below it could be told anything. " +
      '`npx gangway doctor --egress` lists what was refused; "any" lists nothing'
    );
  if (isIP(text) || isIP(host) || text.startsWith("["))
    return 'a name: what is connected to by its address needs egress: "any"';
  if (!hostName.test(host))
    return 'a name of a-z, 0-9, ".", "-" and "_", as in "api.example.com" or "db.example.com:5432"';
  if (host.length > LONGEST_HOST) return `a name of ${LONGEST_HOST} characters at most`;
  const isPort = text === host || /^[1-9]\d{0,4}$/.test(text.slice(host.length + 1));
  return isPort && port <= 65535 ? undefined : "a port from 1 to 65535 after the colon";
}

/** The containers of a deployment are reached by `reaches`, and each in one way. */
export function reachedTwice(entries: Entries): string[] {
  const apps = new Map(Object.entries(entries).flatMap(([name, entry]) => (isRecord(entry) ? nameOf(name, entry["server"]) : [])));
  return Object.entries(entries).flatMap(([name, entry]) => {
    const listed = isRecord(entry) && Array.isArray(entry["egress"]) ? entry["egress"].map(String) : [];
    return listed.flatMap((text) => {
      const key = apps.get(splitDestination(text).host);
      return key === undefined ? [] : [`${name}: egress has "${text}", expected ${instead(key, entry as Entry)}`];
    });
  });
}

const nameOf = (name: string, server: unknown): [string, string][] =>
  isRecord(server) && typeof server["kind"] === "string"
    ? [[containerName({ name, server: server as never }), name]]
    : [];

const instead = (key: string, { reaches }: Entry) =>
  Array.isArray(reaches) && reaches.includes(key)
    ? `it in reaches alone, where ${key} is already`
    : `a host elsewhere: ${key} is a part of this deployment, which reaches: ["${key}"] opens if it is an app() with network: "own"`;
