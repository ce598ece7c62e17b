/**
 * The options of an entry that concern its deployment, in one table: type, check, default and documentation of each. Those of
 * its gateway are in gateway-options.ts.
 */
import * as z from "zod/mini";
import type { Rule } from "./rule.ts";

interface OwnOption extends Rule {
  /** What it is when it is not set, or a function of the entry's key. An option without a default must be set. */
  readonly default?: unknown;
  /** One line for the page of all options. */
  readonly help: string;
}

/** A table of options of an entry, by name. */
export type OptionTable = Readonly<Record<string, OwnOption>>;

/** A DNS label, short enough that `<label>-mcp-gateway` is one too. */
export const label = /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$/;

/** Other volumes hold what no service may read: keys, tokens, other services' sessions. */
const ownVolumes = /^(?!(acme|certs|html|vhost)$)(?!.*-state$)/;

const variable = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/));
const variables = { schema: z.readonly(z.array(variable)), expected: "a list of environment variable names" };

/** Every option of an entry besides `server` and those of its gateway. */
export const ownOptions = {
  /** The port of this service, here and in its container. `PORT_<SERVICE>` moves it on this machine. */
  port: {
    schema: z.int().check(z.minimum(1), z.maximum(65535)),
    expected: "a whole number from 1 to 65535",
    help: "its port, here and in its container; `PORT_<SERVICE>` moves it on this machine",
  },
  /** The DNS label under your domain: the entry's key, unless another one is set. */
  hostname: {
    schema: z.string().check(z.regex(label)),
    expected: "a DNS label: 1 to 50 of a-z, 0-9 and -",
    default: (name: string) => name,
    help: "the DNS label under your domain (default: its key)",
  },
  /**
   * Names of the environment variables that it cannot run without. Each reaches the server under the same name; for http()
   * and sse() the first is the bearer token that we send. Values are in the environment or in `.env`.
   */
  secrets: { ...variables, default: [], help: "environment variables that it cannot run without" },
  /** Like `secrets`, but it runs without them too (Firecrawl's keyless mode). */
  optionalSecrets: { ...variables, default: [], help: "environment variables that it gets where they are set" },
  /** Where a person gets the first of its secrets: shown wherever that secret is asked for. */
  keyUrl: {
    schema: z.url({ protocol: /^https?$/ }),
    expected: "the address of a page, as in https://example.org/settings/keys",
    default: undefined,
    help: "the page on which one gets its key, shown wherever the key is missing",
  },
  /**
   * Its own secret is a bearer token for it, too, as a whole: `true` if it has one secret, or the secret's name. Without this,
   * only MCP_BEARER_TOKEN, the service's token (`npx gangway token <service>`) and those of its groups open it.
   */
  acceptServiceToken: {
    schema: z.union([z.boolean(), variable]),
    expected: "true, or the name of one of its secrets",
    default: false,
    help: "a secret of its own is a bearer token for it, too: true, or its name",
  },
  /**
   * Whether nothing asks for it, and nothing mentions it, while none of its `secrets` is set (SERVICES may name it). Without
   * all of its secrets no service is deployed; by default that is said.
   */
  optional: {
    schema: z.boolean(),
    expected: "true or false",
    default: false,
    help: "true: while none of its secrets is set, nothing mentions it",
  },
  /** The app()s with `network: "own"` that its server calls, by their keys: its container is on their networks too. */
  reaches: {
    schema: z.readonly(z.array(z.string()).check(z.refine((names) => new Set(names).size === names.length))),
    expected: "a list of keys of the catalog, each once",
    default: [],
    help: 'the app()s with `network: "own"` whose networks it is on',
  },
  /**
   * What its server may reach besides the apps in `reaches`: "any", "none", or hosts, each with its port unless that is 443:
   * `["api.example.com", "db.example.com:5432"]`. Other names do not exist for it, and the log and `npx gangway doctor --egress`
   * tell which it asked for. The metadata of a cloud is out of reach in any case. `npm start` can withhold the whole network only.
   */
  egress: {
    schema: z.union([z.enum(["any", "none"]), z.readonly(z.array(z.string()))]),
    expected: '"any", "none", or a list of hosts, as in ["api.example.com", "db.example.com:5432"]',
    default: "any",
    help: 'what its server may reach: "any", "none", or a list of hosts, each with its port unless that is 443',
  },
  /** Further environment of the server: plain values, no secrets. */
  env: {
    schema: z.readonly(z.record(variable, z.string())),
    expected: "texts under environment variable names",
    default: {},
    help: "further environment of the server: plain values, no secrets",
  },
  /**
   * What outlives a restart: path in the container to name of the volume. Without containers, `npm start` gives the volume
   * a folder under `.gangway/data`, and `env` values and arguments below the path follow it there.
   */
  volumes: {
    schema: z.readonly(
      z.record(z.string().check(z.regex(/^(\/[\w.-]*[\w-])+$/)), z.string().check(z.regex(label), z.regex(ownVolumes))),
    ),
    expected:
      'absolute paths with volume names of a-z, 0-9 and -, as in { "/data": "memory" }, not those of certificates ' +
      "(acme, certs, html, vhost) nor a gateway's own (-state)",
    default: {},
    help: "what outlives a restart: path in the container to name of the volume",
  },
  /**
   * Memory of its container in MB. With `isolation: "session"`, and unless `maxChildren` is set, it also decides how many
   * server processes there are at once: one for each 64 MB beyond the gateway's own 128.
   */
  memory: {
    schema: z.int().check(z.minimum(192)),
    expected: "a whole number of MB, 192 at least",
    default: 512,
    help: "memory of its container in MB",
  },
  /** The tool call of `npx gangway verify`, which shows that the whole way works. It must change nothing and need no network. */
  probe: {
    schema: z.readonly(
      z.strictObject({
        tool: z.string().check(z.minLength(1)),
        arguments: z.optional(z.readonly(z.record(z.string(), z.unknown()))),
      }),
    ),
    expected: '{ tool: "<name>", arguments: { ... } }',
    default: undefined,
    help: "the tool call of `npx gangway verify`",
  },
} satisfies OptionTable;

type Table = typeof ownOptions;

/** The values of a table's options. */
export type Values<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends Rule<infer Schema> ? z.input<Schema> : never;
};
type WithoutDefault = {
  [Name in keyof Table]: Table[Name] extends { readonly default: unknown } ? never : Name;
}[keyof Table];

/** These options as an entry has them. */
export interface OwnEntryOptions
  extends Values<Pick<Table, WithoutDefault>>, Partial<Values<Omit<Table, WithoutDefault>>> {}

/** These options with every default filled in; `probe` and `keyUrl` have none. */
export interface OwnValues extends Values<Omit<Table, "probe" | "keyUrl">> {}
