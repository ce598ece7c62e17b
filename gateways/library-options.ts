/** What can be said to a gateway in a program of one's own: the options of gateway.json, with the types of the tables. */
import type { gatewayOptions, serviceOptions, sharedOptions } from "./config.ts";
import type { OF_PROCESS, WrittenOptions } from "./config/every-option.ts";

/** Options of the whole gateway, and the defaults of every server. Loopback needs no token; any other `host` does. */
export interface GatewayOptions
  extends
    WrittenOptions<Omit<typeof gatewayOptions, (typeof OF_PROCESS)[number]>>,
    WrittenOptions<typeof serviceOptions>,
    WrittenOptions<typeof sharedOptions> {
  /** Bearer tokens that open every service. @default none, which is allowed on loopback alone */
  readonly tokens?: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests?: readonly string[];
  /** Takes the log: one or more lines of JSON, at `logLevel`. @default nothing is logged */
  readonly log?: (lines: string) => void;
}

/** One server, as an entry of `mcpServers`: `command`, or `url`. */
export interface ServerOptions extends WrittenOptions<typeof serviceOptions>, WrittenOptions<typeof sharedOptions> {
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
