/**
 * The flags of supergateway 4 and of both programs called mcp-proxy (npm 6, PyPI 0.13): people who come from there type them.
 * One with a counterpart is taken and named; one that would change nothing here is left out and explained; one that would
 * change what is exposed, or has no counterpart, is refused with what to do instead.
 */
import { ConfigError } from "../config.ts";

interface Foreign {
  /** Whether a value follows. `perhaps`: any number of them. @default "value" */
  readonly takes?: "value" | "nothing" | "perhaps";
  /** Our flags in its place. @throws ConfigError for a value that has no counterpart */
  readonly ours: (value: string) => readonly string[];
  /** Finishes "--cors: ...". undefined: nothing needs to be said. */
  readonly word?: string;
}

const needless = (word: string, takes: Foreign["takes"] = "value"): Foreign => ({ takes, word, ours: () => [] });

const renamed = (flag: string, valueOf: (value: string) => string = (value) => value): Foreign => ({
  ours: (value) => [flag, valueOf(value)],
  word: `here it is ${flag}`,
});

const refused = (word: string, takes: Foreign["takes"] = "value"): Foreign => ({
  takes,
  ours: () => {
    throw new ConfigError(word);
  },
});

const milliseconds = (value: string) => (/^\d+$/.test(value) ? `${value}ms` : value);
const bytes = (value: string) => (/^\d+$/.test(value) ? `${value}B` : value);

/** A path that can be chosen there and not here. */
const fixedPath = (...paths: readonly string[]): Foreign => ({
  ours: (value) => {
    if (paths.includes(value)) return [];
    throw new ConfigError(`got ${value}, and the path is always ${paths[0]}: a reverse proxy can give it another one`);
  },
  word: "needless, it is always there",
});

/** The ways out of the others. */
const transport: Foreign = {
  ours: (value) => {
    if (/^(streamable-?http|stream|sse)$/i.test(value)) return [];
    throw new ConfigError(
      `got ${value}, which Gangway does not offer: it serves Streamable HTTP at /mcp and SSE at /sse`,
    );
  },
  word: "needless, /mcp and /sse are always there",
};

const header: Foreign = {
  ours: (value) => {
    const token = /^\s*authorization:\s*bearer\s+(.+)$/i.exec(value)?.[1];
    if (token === undefined)
      throw new ConfigError(
        `got ${value.split(":")[0]}, expected Authorization: Bearer ..., which is --upstream-token here`,
      );
    return ["--upstream-token", token];
  },
  word: "here it is --upstream-token",
};

const ORIGINS = "name the origins that may call: --allowed-origins https://app.example.org (* lets every page call)";
function origins(value: string): readonly string[] {
  if (value === "") throw new ConfigError(ORIGINS);
  return ["--allowed-origins", value];
}

const TLS = "put TLS in front with a reverse proxy, or deploy under your domain: npx gangway-mcp help deploy";

/** By their names. */
const foreign: Readonly<Record<string, Foreign>> = {
  // supergateway
  outputTransport: transport,
  sse: { ours: (value) => ["--url", value, "--url-type", "sse"], word: "here it is --url with --url-type sse" },
  streamableHttp: renamed("--url"),
  baseUrl: needless("needless, no URL of ours names a host"),
  ssePath: fixedPath("/sse"),
  messagePath: fixedPath("/messages", "/message"),
  streamableHttpPath: fixedPath("/mcp"),
  logLevel: renamed("--log-level", (value) => (value === "none" ? "silent" : value)),
  cors: {
    takes: "perhaps",
    ours: origins,
    word: "here it is --allowed-origins",
  },
  healthEndpoint: { ...needless("needless, /health and /ready are always there"), takes: "perhaps" },
  header,
  oauth2Bearer: renamed("--upstream-token"),
  stateful: needless("needless, clients that open a session have one", "nothing"),
  sessionTimeout: renamed("--idle-ttl", milliseconds),
  protocolVersion: needless("needless, each client agrees on its version with the server"),
  // mcp-proxy (npm)
  apiKey: refused("set MCP_BEARER_TOKEN, and let clients send it as Authorization: Bearer ..."),
  connectionTimeout: renamed("--start-timeout", milliseconds),
  corsAddAllowedHeader: needless("needless, every header that MCP clients send is allowed"),
  debug: { takes: "nothing", ours: () => ["--log-level", "debug"], word: "here it is --log-level debug" },
  endpoint: fixedPath("/mcp", "/sse"),
  eventStore: needless("needless, streams can always be resumed", "nothing"),
  eventStoreMaxEvents: needless("needless, a session keeps its last 1,000 events"),
  gracefulShutdownTimeout: renamed("--drain-timeout", milliseconds),
  keepAliveTimeout: needless("needless, connections outlive what proxies keep"),
  maxBodySize: renamed("--max-body", bytes),
  modern: needless("needless, both eras are always served", "nothing"),
  requestTimeout: renamed("--request-timeout", milliseconds),
  server: transport,
  sessionIdleTimeout: renamed("--idle-ttl", milliseconds),
  shell: needless("needless, a command line with shell characters runs in a shell", "nothing"),
  sseEndpoint: fixedPath("/sse"),
  streamEndpoint: fixedPath("/mcp"),
  sslCa: refused(TLS),
  sslCert: refused(TLS),
  sslKey: refused(TLS),
  stateless: needless("needless, clients without a session are served as such", "nothing"),
  tunnel: refused(
    "deploy under your domain instead, behind a tunnel of your own: npx gangway-mcp help deploy",
    "nothing",
  ),
  tunnelSubdomain: refused("deploy under your domain instead: npx gangway-mcp help deploy"),
  upstreamProtocol: needless("needless, the server's era is found out"),
  // mcp-proxy (PyPI)
  headers: refused(
    "of headers for the server behind --url there is Authorization: Bearer ..., as --upstream-token",
    "perhaps",
  ),
  transport,
  "client-id": refused("get a token yourself, and pass it with --upstream-token"),
  "client-secret": refused("get a token yourself, and pass it with --upstream-token"),
  "token-url": refused("get a token yourself, and pass it with --upstream-token"),
  username: refused("only Authorization: Bearer ... can be sent, with --upstream-token"),
  password: refused("only Authorization: Bearer ... can be sent, with --upstream-token"),
  digest: refused("only Authorization: Bearer ... can be sent, with --upstream-token", "nothing"),
  "verify-ssl": needless(
    "needless, certificates are always checked (NODE_EXTRA_CA_CERTS adds an authority)",
    "perhaps",
  ),
  "no-verify-ssl": refused("certificates are always checked: NODE_EXTRA_CA_CERTS=<file> adds an authority", "nothing"),
  cwd: refused("change to the folder first, or use gateway.json, whose entries have cwd"),
  "pass-environment": refused("name each variable that the server may see: --env NAME", "nothing"),
  "no-pass-environment": needless("needless, the server sees only what --env names", "nothing"),
  "named-server": refused("name several servers in gateway.json: npx gangway-mcp --config gateway.json", "perhaps"),
  "named-server-config": renamed("--config"),
  "sse-port": renamed("--port"),
  "sse-host": renamed("--host"),
  "allow-origin": {
    takes: "perhaps",
    ours: origins,
    word: "here it is --allowed-origins",
  },
  "expose-header": needless("needless, Mcp-Session-Id is exposed"),
  "no-stateless": needless("needless, clients that open a session have one", "nothing"),
  "no-debug": needless("needless, the log level is info", "nothing"),
};

/** A command line in our words, and what to tell about it. */
export interface Translated {
  readonly args: readonly string[];
  readonly words: readonly string[];
}

/**
 * Puts our flags in the place of others.
 * @param isOurs whether a flag's name is one of ours, which counts
 * @throws ConfigError for one that must not be overlooked
 */
export function translate(args: readonly string[], isOurs: (name: string) => boolean): Translated {
  const ours: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [, name = "", inline] = /^--([\w-]+)(?:=(.*))?$/s.exec(args[at]!) ?? [];
    const its = !isOurs(name) && Object.hasOwn(foreign, name) ? foreign[name] : undefined;
    if (its === undefined) {
      ours.push(args[at]!);
      continue;
    }
    const values = inline === undefined ? valuesAfter(args, at, its) : [inline];
    if (inline === undefined) at += values.length;
    else if (its.takes === "nothing") throw new ConfigError(`--${name}: got ${inline}, expected no value`);
    ours.push(...replaced(name, its, values));
    if (its.word !== undefined) words.push(`--${name}: ${its.word}`);
  }
  return { args: ours, words };
}

function valuesAfter(args: readonly string[], at: number, { takes = "value" }: Foreign): readonly string[] {
  if (takes === "nothing") return [];
  const next = args.slice(at + 1);
  const end = next.findIndex((word) => word.startsWith("-"));
  const values = end < 0 ? next : next.slice(0, end);
  return takes === "value" ? values.slice(0, 1) : values;
}

function replaced(name: string, { ours, takes = "value" }: Foreign, values: readonly string[]): readonly string[] {
  if (takes === "value" && values.length === 0) throw new ConfigError(`--${name}: expected a value`);
  try {
    return values.length === 0 ? ours("") : values.flatMap((value) => ours(value));
  } catch (error) {
    throw new ConfigError(`--${name}: ${(error as Error).message}`);
  }
}
