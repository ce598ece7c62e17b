/** app(): a container beside the gateways. */
import * as z from "zod/mini";
import type { OptionTable, OwnEntryOptions, Values } from "../options.ts";
import type { AppKind } from "./kind.ts";
import { image as imageRule, imageVersion, words } from "./rules.ts";

const wholeTime = z.string().check(z.regex(/^[1-9]\d{0,3}(s|m)$/));
const timing = {
  interval: z.optional(wholeTime),
  timeout: z.optional(wholeTime),
  startPeriod: z.optional(wholeTime),
  retries: z.optional(z.int().check(z.minimum(1))),
};

/** The options that only an app() has, besides its image. Those that it shares with every entry are in options.ts. */
export const appOptions = {
  /**
   * What the image's own program is given: `["--transport=sse"]`. With `secretsAs: "variables"` it is the whole command line,
   * the program included, because a shell takes the place of the image's ENTRYPOINT.
   */
  command: { ...words, default: undefined, help: "what the image's program is given" },
  user: {
    schema: z.string().check(z.regex(/^[\w.-]+(:[\w.-]+)?$/)),
    expected: 'a user of the image, as in "node" or "1000:1000"',
    default: undefined,
    help: "the user that it runs as (default: the image's)",
  },
  /**
   * What it may do as root of its container, by the names of Linux's capabilities without `CAP_`. By default an image that starts as
   * root can give its data to a user of its own and become that user, which suits the images of databases, and one with a `user`
   * has none. A VPN needs `["NET_ADMIN"]`; `[]` takes all away.
   */
  capabilities: {
    schema: z.readonly(z.array(z.string().check(z.regex(/^(?!CAP_)[A-Z][A-Z_]+$/)))),
    expected: 'a list of capabilities without CAP_, as in ["NET_BIND_SERVICE"]',
    default: undefined,
    help: "what it may do as root of its container (default: become another user; with `user`, nothing)",
  },
  /** `true`: it can write to its volumes, and to `/tmp` and `/run`, which are in memory, alone. */
  readOnly: {
    schema: z.boolean(),
    expected: "true or false",
    default: false,
    help: "true: it can write to its volumes, /tmp and /run alone",
  },
  /**
   * How Docker sees whether it works; a deploy waits for that. `test` is run in the container; `path` is asked for on its port,
   * with the image's wget or curl. By default it is asked every 10s, may take 5s, and fails after 3 failures; failures in the
   * first minute (`startPeriod`) do not count.
   */
  healthcheck: {
    schema: z.union([
      z.readonly(z.strictObject({ test: z.readonly(z.array(z.string()).check(z.minLength(1))), ...timing })),
      z.readonly(z.strictObject({ path: z.string().check(z.regex(/^\/[\w./?=&%-]*$/)), ...timing })),
    ]),
    expected: '{ test: ["pg_isready"] } or { path: "/healthz" }, with interval, timeout and startPeriod such as "30s"',
    default: undefined,
    help: "a command in the container, or a path on its port, that tells whether it works; a deploy waits for it",
  },
  /**
   * `false`: it has no host name, no rule in the tunnel, no DNS record and no route in the proxy. On this machine it has a port
   * only where PORT_<SERVICE> asks for one.
   */
  public: {
    schema: z.boolean(),
    expected: "true or false",
    default: true,
    help: "false: no host name, no tunnel rule, no DNS record, no port; only other containers reach it",
  },
  /**
   * What monitors the gateways is on networks that only they share with it, and is given what it needs: Prometheus whom to ask and the
   * alert rules, Grafana where Prometheus is and the dashboard, the blackbox exporter nothing but its way out.
   */
  monitoring: {
    schema: z.enum(["prometheus", "grafana", "blackbox"]),
    expected: '"prometheus", "grafana" or "blackbox"',
    default: undefined,
    help: "its part in monitoring: prometheus, grafana, or blackbox, which looks at the public names",
  },
  /** "own": it is on a network of its own, on which only those services are that name it in `reaches`. */
  network: {
    schema: z.enum(["shared", "own"]),
    expected: '"shared" or "own"',
    default: "shared",
    help: "own: a network on which only the services are that name it in `reaches`",
  },
  /**
   * "files": `<NAME>_FILE` names the file of each secret, as many images expect it. "variables", for images that read no files:
   * a shell in the container sets the variables from the files, so that `docker inspect` and Terraform's state show none.
   */
  secretsAs: {
    schema: z.enum(["files", "variables"]),
    expected: '"files" or "variables"',
    default: "files",
    help: "files: NAME_FILE names the file of each secret; variables: NAME is set, by the image's shell",
  },
} satisfies OptionTable;

type Given = Values<typeof appOptions>;

/** An app with the defaults of its own options filled in. */
export interface AppServer
  extends
    Pick<Given, "public" | "network" | "secretsAs" | "readOnly">,
    Partial<Pick<Given, "command" | "user" | "healthcheck" | "capabilities" | "monitoring">> {
  readonly kind: "app";
  readonly image: string;
}

/** What an app() takes. */
export interface AppOptions extends Omit<OwnEntryOptions, "acceptServiceToken" | "egress" | "probe">, Partial<Given> {
  /** The image with its tag: "n8nio/n8n:2.41.3". */
  readonly image: string;
}

/**
 * A container with no MCP server in it:
 * `postgres: app({ image: "postgres:18.1", port: 5432, public: false, network: "own", secrets: ["POSTGRES_PASSWORD"] })`.
 */
export function app({ image: ref, ...options }: AppOptions) {
  const given = Object.entries(options);
  const own = given.filter(([name, value]) => Object.hasOwn(appOptions, name) && value !== undefined);
  const others = given.filter(([name]) => !Object.hasOwn(appOptions, name));
  const defaults = { public: true, network: "shared", secretsAs: "files", readOnly: false } as const;
  const server: AppServer = { kind: "app", image: ref, ...defaults, ...Object.fromEntries(own) };
  return { server, ...(Object.fromEntries(others) as Omit<typeof options, keyof typeof appOptions>) };
}

export const appKind: AppKind<AppServer> = {
  kind: "app",
  role: "app",
  fields: { image: imageRule, ...appOptions },
  version: (server) => imageVersion(server.image),
};
