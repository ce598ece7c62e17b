/** One service as the page shows it. */
import { errorFor } from "../health.ts";
import { told } from "../secrets.ts";
import type { Served } from "../served.ts";
import { linesOf } from "./page-log.ts";
import type { ServiceDetails, ServiceStatus } from "./status.ts";

/** What a visitor may see and do. */
export interface View {
  /** The MCP endpoint, as the visitor reaches it. */
  readonly url: string;
  /** Where it takes tokens. @default - at `url` */
  readonly keyUrl?: string | undefined;
  readonly knows: boolean;
  readonly mayCall: boolean;
}

/** What everybody may know of a service, and why it is not up in as many words as the visitor may read. */
export function outlineOf({ service, auth }: Served, { url, keyUrl, knows, mayCall }: View): ServiceStatus {
  const { name, state, needs, remedy } = service;
  const problem = needs === undefined ? errorFor(service, knows) : `It needs ${needs}.`;
  return {
    name,
    state,
    ...(problem !== undefined && { problem }),
    ...(needs !== undefined && { remedy: told(remedy) }),
    url,
    asksForToken: auth.required,
    ...(auth.oauth !== undefined && { hasLogin: true }),
    ...(keyUrl !== undefined && { keyUrl }),
    mayCall,
  };
}

/** What only those know who are on this machine or have a token, without the tools. */
export function detailsOf({ service, server, isolation, journal }: Served): ServiceDetails {
  const { start, calls, errors } = service.lastHour.counts();
  return {
    ...(service.state === "up" && { version: service.version }),
    isolation,
    ...(server.kind === "group" && { members: server.members.map(({ name }) => name) }),
    sessions: service.sessionCount,
    processes: service.children,
    restarts: service.restarts,
    since: service.since.toISOString(),
    minutes: { start: new Date(start).toISOString(), calls, errors },
    log: linesOf(journal),
  };
}
