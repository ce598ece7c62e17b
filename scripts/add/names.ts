/** The name and the port of a new service. */
import { WrongUse } from "../kit/arguments.ts";

/** What names of MCP servers begin and end with, and what says nothing of what they do. */
const FILLER = /^(mcp-server|server|mcp)-|-(mcp-server|server-mcp|mcp|server)$/;

/**
 * A name for the service: the package's own, without scope and without "mcp" and "server".
 * @param source a package, an image, a URL, or a name of the registry
 */
export function suggestedName(source: string): string {
  const path = URL.canParse(source) && /^https?:/.test(source) ? hostWord(new URL(source)) : source;
  const [last = "", owner = ""] = path
    .replace(/\[.*$|@sha256:.*$|(?<=.)@[^/]*$|:[^/]*$/, "")
    .split("/")
    .toReversed();
  const own = plain(last);
  return /^(mcp|server|mcp-server|)$/.test(own) ? plain(owner.replace(/^@/, "").replace(/^.*\./, "")) : own;
}

/** mcp.linear.app is "linear"; what runs on this machine is called as in its path. */
function hostWord({ hostname, pathname }: URL): string {
  const isAddress = /^[\d.]+$|^\[|^localhost$/.test(hostname);
  if (isAddress) return pathname.split("/").find((part) => part !== "" && part !== "mcp" && part !== "sse") ?? "remote";
  const parts = hostname.split(".").filter((part) => !/^(www|api|mcp|server)$/.test(part));
  return parts.at(-2) ?? parts[0] ?? hostname;
}

function plain(text: string): string {
  let name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  while (FILLER.test(name)) name = name.replace(FILLER, "");
  return name.slice(0, 50).replace(/-+$/, "");
}

/** Ports of the catalog are picked from these. */
const FIRST = 8080;
const LAST = 8999;

/** The first port that no service has. @throws WrongUse when none is left */
export function freeCatalogPort(taken: readonly number[]): number {
  for (let port = FIRST; port <= LAST; port++) if (!taken.includes(port)) return port;
  throw new WrongUse(
    `the services have all ports from ${FIRST} to ${LAST}: name another one, as in --port ${LAST + 1}`,
  );
}
