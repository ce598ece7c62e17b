/** A host and a port that a server may reach, as the option `egress` lists them: "api.example.com", "db.example.com:5432". */

/** What such a text says. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** The port of a host that is listed without one. */
const HTTPS = 443;

/** Takes one apart. */
export function splitDestination(text: string): Destination {
  const [host = "", port] = text.split(":");
  return { host, port: port === undefined ? HTTPS : Number(port) };
}

/** The same with its port, by which its socket is called. */
export function fullDestination(text: string): string {
  const { host, port } = splitDestination(text);
  return `${host}:${port}`;
}

/** The hosts of a list; none for "any" and "none". */
export const destinationsOf = (egress: "any" | "none" | readonly string[]): readonly string[] =>
  typeof egress === "string" ? [] : egress.map(fullDestination);
