/** What can be said to a gateway in a program of one's own: the options of gateway.json, with the types of the tables. */
import type { gatewayOptions, Option, serviceOptions, sharedOptions } from "./config.ts";

/** How a value is written: a number or a text with a unit, true or false, one of some words, a list. */
type Written<Value> = Value extends boolean
  ? boolean
  : Value extends number | { readonly times: number; readonly per: number }
    ? number | string
    : Value extends readonly string[]
      ? readonly string[]
      : Value;

type Options<Table> = {
  readonly [Key in keyof Table]?: Table[Key] extends Option<infer Value> ? Written<Value> : never;
};

/** What only a process of its own has. */
type OfProcess = "logFormat" | "stopWithParent";

/** Options of the whole gateway, and the defaults of every server. Loopback needs no token; any other `host` does. */
export interface GatewayOptions
  extends
    Options<Omit<typeof gatewayOptions, OfProcess>>,
    Options<typeof serviceOptions>,
    Options<typeof sharedOptions> {
  /** Bearer tokens that open every service. @default none, which is allowed on loopback alone */
  readonly tokens?: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests?: readonly string[];
  /** Takes the log: one or more lines of JSON, at `logLevel`. @default nothing is logged */
  readonly log?: (lines: string) => void;
}

/** One server, as an entry of `mcpServers`: `command`, or `url`. */
export interface ServerOptions extends Options<typeof serviceOptions>, Options<typeof sharedOptions> {
  /** The program of a stdio server. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Added to the harmless part of this process's environment: PATH, HOME and the like. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The URL of a server that speaks HTTP. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How the server at `url` speaks: "sse" is the older transport. @default "http" */
  readonly type?: "stdio" | "http" | "sse";
  /** A port of its own, besides that of the gateway. */
  readonly port?: number | string;
  /** Bearer tokens that open this service alone. */
  readonly tokens?: readonly string[];
  readonly tokenDigests?: readonly string[];
  /** The version that /health tells. @default what the server says */
  readonly version?: string;
}
