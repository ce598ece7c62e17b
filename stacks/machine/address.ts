/** The machine that SERVER names. */

export interface MachineAddress {
  /** Who logs in. @default - whom ssh's config names, or who we are here */
  readonly user?: string | undefined;
  /** A name, an IP address, or a host of ssh's config; IPv6 without brackets. */
  readonly host: string;
  /** @default - that of ssh's config, or 22 */
  readonly port?: number | undefined;
}

const FORM = /^(?:([a-z_][\w.-]*)@)?(\[[0-9a-f:.]+\]|[a-z0-9][\w.-]*)(?::(\d{1,5}))?$/i;

/** Reads `[user@]host[:port]`; undefined when it is not one. */
export function readMachine(text: string): MachineAddress | undefined {
  const [, user, host, port] = FORM.exec(text) ?? [];
  if (host === undefined || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) return undefined;
  return { user, host: host.replaceAll(/[[\]]/g, ""), port: port === undefined ? undefined : Number(port) };
}

/** The machine as ssh takes it; the port is an option of its own. */
export const destinationOf = ({ user, host }: MachineAddress): string =>
  user === undefined ? host : `${user}@${host}`;

/** The machine as SERVER names it, for a message and for our programs. */
export function shownMachine({ user, host, port }: MachineAddress): string {
  const written = destinationOf({ user, host: host.includes(":") ? `[${host}]` : host });
  return port === undefined ? written : `${written}:${port}`;
}
