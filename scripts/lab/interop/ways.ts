/** The two ways in which tests log in: right at the servers and by HTTP, or as people do when a service is online. */
import { chromium, withoutChromium } from "../../../gateways/fixtures/chromium.ts";
import { waitForUser } from "../../../auth-server/fixtures/login-server.ts";
import { startOwn, type OwnServer } from "../../kit/fixtures/own-server.ts";
import { tell } from "../../kit/print.ts";
import { isInstalled, programs } from "../../proxies/live/programs.ts";
import { startOnline } from "./behind-nginx.ts";
import { personInChromium } from "./in-chromium.ts";

/** A service, and somebody who logs in to it. */
export interface Way extends Pick<OwnServer, "url" | "auth"> {
  /** Where a client of this process lets its user come back. @default - nobody waits for the user */
  readonly redirect?: string;
  /** Logs in where a client sends its user. @returns the URL with which the user comes back */
  readonly visit: (url: URL) => Promise<URL>;
  /** The same, for a client that waits at its redirect. */
  readonly arrive: (url: URL) => Promise<unknown>;
  /** Variables that programs need to find the service. */
  readonly env: Readonly<Record<string, string>>;
}

async function straight(server: readonly string[]): Promise<Way> {
  const { browser, ...own } = await startOwn({}, server);
  const { visit } = browser();
  const go = async (url: URL) => (await visit({ url: url.href }))!;
  return { ...own, visit: go, arrive: async (url) => fetch(await go(url)), env: {} };
}

async function online(server: readonly string[]): Promise<Way> {
  const service = await startOnline(server);
  const { visit } = await personInChromium(service);
  const { redirect } = await waitForUser("localhost");
  return { ...service, redirect, visit, arrive: visit };
}

/** Why nothing can be online here. */
const lacking = [
  chromium === undefined ? withoutChromium : undefined,
  isInstalled("nginx") ? undefined : `there is no nginx: ${programs.nginx.install}`,
].filter((reason) => reason !== undefined);

/** Whether there are nginx and Chromium. */
export const canBeOnline = lacking.length === 0;

/** Starts a service to which somebody logs in, by name. Without nginx or Chromium there is one way alone. */
export const ways: Readonly<Record<string, (server: readonly string[]) => Promise<Way>>> = {
  "by HTTP": straight,
  ...(canBeOnline && { "in Chromium, through nginx with TLS": online }),
};

/** Says why one is missing. */
export function announceWays(): void {
  if (!canBeOnline) tell(`logins through nginx in Chromium: skipped, ${lacking.join("; ")}`);
}
