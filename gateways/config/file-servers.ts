/** The servers in gateway.json, or in a client's own file. */
import { ConfigError } from "../config.ts";
import { isObject, readClientEntry } from "./client-entry.ts";

/** A file before anything in it is checked or filled. */
export interface Sorted {
  readonly top: Readonly<Record<string, unknown>>;
  /** The entries that are not disabled, by name. */
  readonly servers: readonly (readonly [name: string, entry: unknown])[];
  /** What was left out, and what has no effect: one line each. */
  readonly warnings: readonly string[];
}

/** What clients write at the top, for themselves alone. */
const CLIENT_ONLY = ["inputs", "$schema"];

/** What the servers stand below: our own key, and those of VS Code, Zed, Amp, and of OpenCode and VS Code's settings. */
const SERVERS = ["mcpServers", "servers", "context_servers", "amp.mcpServers", "mcp"];

/** @throws ConfigError when it is not a file of servers at all */
export function sortFile(json: unknown, path: string): Sorted {
  if (!isObject(json)) throw new ConfigError(`${path}: the file: expected an object in braces`);
  const notOurs = [...CLIENT_ONLY, ...SERVERS];
  const top = Object.fromEntries(Object.entries(json).filter(([key]) => !notOurs.includes(key)));
  const found = SERVERS.flatMap((key) => entriesIn(json[key], key, path));
  const unused = CLIENT_ONLY.filter((key) => key in json);
  const disabled: string[] = [];
  const kept = new Map<string, unknown>();
  for (const [name, written] of found) {
    const { entry, isDisabled, unused: keys } = readClientEntry(written, `${path}: mcpServers.${name}`);
    if (kept.has(name)) throw twice(name, json, path);
    if (isDisabled) disabled.push(name);
    else kept.set(name, entry);
    unused.push(...keys.map((key) => `mcpServers.${name}.${key}`));
  }
  const warnings = [
    ...(disabled.length > 0 ? [`${path}: not started, because the file says so: ${disabled.join(", ")}`] : []),
    ...(unused.length > 0 ? [`${path}: without effect, because only a client uses it: ${unused.join(", ")}`] : []),
  ];
  return { top, servers: [...kept], warnings };
}

function entriesIn(servers: unknown, key: string, path: string): [string, unknown][] {
  if (servers === undefined || servers === null) return [];
  if (key === "mcp" && isObject(servers) && isObject(servers["servers"]))
    return entriesIn(servers["servers"], "mcp.servers", path);
  if (isObject(servers)) return Object.entries(servers);
  throw new ConfigError(`${path}: ${key}: expected an object with a server for each name`);
}

function twice(name: string, json: Readonly<Record<string, unknown>>, path: string): ConfigError {
  const places = SERVERS.filter((key) => entriesIn(json[key], key, path).some(([other]) => other === name));
  return new ConfigError(`${path}: got ${name} in both ${places.join(" and ")}, expected one of them`);
}
