/**
 * What the page shows, as JSON: the contract between the gateway and the script in the browser.
 *
 * | path           | answers                                                                                          |
 * | -------------- | ------------------------------------------------------------------------------------------------ |
 * | GET  /_/status | `GatewayStatus`                                                                                  |
 * | GET  /_/events | an EventSource: the event `service` has one `ServiceStatus`, at most one a second for a service  |
 * | POST /_/call   | takes a `CallRequest` as JSON with the header X-CSRF-Token; answers a `CallReport`               |
 * | POST /_/login  | takes the field `token` of a form; 303 to the page with a cookie, or back to it with ?login=...  |
 * | POST /_/logout | takes the field `csrf` of a form; 303 to the page without a cookie                               |
 *
 * No service has a name that begins with an underscore. On a service's own port the same paths tell of that service alone.
 * An error is JSON-RPC's, with `error.message` for people and `error.data.error` for programs: `csrf` (load the page
 * again), `unauthorized` (log in), `rate-limited`, and so on as in errors.ts.
 */
import type { ServiceState } from "../sessions/service.ts";

/** The whole page. */
export interface GatewayStatus {
  readonly gateway: { readonly version: string; /** ISO 8601. */ readonly startedAt: string };
  readonly visitor: Visitor;
  /** In the order in which they were configured; groups among them. */
  readonly services: readonly ServiceStatus[];
}

/** Who looks at the page. */
export interface Visitor {
  /** Whether the browser runs on the gateway's machine, and so sees every service without a token. */
  readonly isHere: boolean;
  /** Whether it has logged in with a token. */
  readonly isLoggedIn: boolean;
  /** What X-CSRF-Token has to be, and the field `csrf` of the logout form. */
  readonly csrf: string;
}

/** One service, as its visitor may see it. */
export interface ServiceStatus {
  readonly name: string;
  readonly state: ServiceState;
  /** Why it is not up, or not wholly; for strangers not in the server's own words. */
  readonly problem?: string;
  /** What to do about it, in a sentence. */
  readonly remedy?: string;
  /** The MCP endpoint, as the visitor reaches it. */
  readonly url: string;
  /** Whether its callers must prove who they are. */
  readonly asksForToken: boolean;
  /** Whether they can log in at `url`: a client that knows OAuth needs nothing else. @default false */
  readonly hasLogin?: boolean;
  /** Where it takes tokens beside logins. @default - at `url`, or nowhere if it has logins */
  readonly keyUrl?: string;
  /** Whether the visitor may call its tools now: nothing is asked for, or the token that the visitor logged in with opens it. */
  readonly mayCall: boolean;
  /** Absent for strangers. */
  readonly details?: ServiceDetails;
}

/** What only those are told who are on this machine or have a token of the service. */
export interface ServiceDetails {
  /** What the server says of itself, or what was set; absent before it is known. */
  readonly version?: string;
  /** "session": a process for each session; "shared": one for all. A group has its members'. */
  readonly isolation: "session" | "shared";
  /** The services that it is made of, of a group. */
  readonly members?: readonly string[];
  readonly sessions: number;
  /** Processes, or connections with an upstream. */
  readonly processes: number;
  /** How often its server was started again after it had ended by itself. */
  readonly restarts: number;
  /** ISO 8601: since when it has been in this state. */
  readonly since: string;
  readonly minutes: Minutes;
  /** The last lines of its log, at most 50, each one `time level message field=value`: printable, without secrets. */
  readonly log: readonly string[];
  /** Absent until its server has listed them, and in an event while they are as they were in the one before. */
  readonly tools?: readonly Tool[];
  /** How many further tools the server has, beyond those that fit on the page. */
  readonly moreTools?: number;
}

/** The calls of tools in the last hour, a number for each minute. */
export interface Minutes {
  /** ISO 8601: when the first of the minutes began. */
  readonly start: string;
  /** 60 numbers; the last one is of the minute that is not over. */
  readonly calls: readonly number[];
  /** How many of those calls ended with an error, of the tool or of its server. */
  readonly errors: readonly number[];
}

/** A tool as its server lists it (MCP, Tools); printable, without secrets. */
export interface Tool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** A JSON Schema. */
  readonly inputSchema?: unknown;
  /** A JSON Schema. */
  readonly outputSchema?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** One try of a tool. */
export interface CallRequest {
  readonly service: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What came of it. */
export interface CallReport {
  /** The JSON-RPC request. */
  readonly request: unknown;
  /** The JSON-RPC response: a `result`, or an `error` of the server or of the gateway. */
  readonly response: unknown;
  readonly milliseconds: number;
}
