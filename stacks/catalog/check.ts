/** Finds everything that is wrong with a catalog. Each problem is one line: entry, what, what was found, what was expected. */
import { expectedInstead, isList } from "../../gateways/config.ts";
import { appContradictions, reachProblems } from "./check-apps.ts";
import { destinationProblems, reachedTwice } from "./check-egress.ts";
import { groupProblems } from "./check-groups.ts";
import { loginContradictions, takenNamesIn } from "./check-logins.ts";
import { containerName } from "./containers.ts";
import type { ServiceEntry } from "./entry.ts";
import { gatewayExpects, passedOptions, reserved } from "./gateway-options.ts";
import { appOptions, type AppServer } from "./kinds/app.ts";
import { type Kind, kinds } from "./kinds/registry.ts";
import { ToolPatterns } from "../../gateways/tool-patterns.ts";
import { allOptions, spellings } from "../../gateways/config/every-option.ts";
import { OF_HUB } from "../../gateways/config/hub-paths.ts";
import { nearest } from "../../gateways/config/nearest.ts";
import { label, ownOptions } from "./options.ts";
import { type Entries, type Entry, isRecord, secretsOf, unexpected } from "./problem.ts";
import type { Rule } from "./rule.ts";
import { verifyProblems } from "./verify.ts";

/** All problems of all entries, in the order of the catalog; none means that the entries are what their types say. */
export function findProblems(entries: Entries): string[] {
  const alone = Object.entries(entries).flatMap(([name, entry]) => {
    const problems = isRecord(entry) ? entryProblems(entry) : [unexpected("the entry", entry, "{ server, port, ... }")];
    return [...keyProblems(name), ...problems].map((problem) => `${name}: ${problem}`);
  });
  return [
    ...alone,
    ...clashes(entries, "port", ({ port }) => port),
    ...clashes(entries, "hostname", hostnameOf),
    ...clashes(entries, "the name of its container", containerOf),
    ...ownNames(entries),
    ...reachProblems(entries),
    ...reachedTwice(entries),
    ...groupProblems(entries),
    ...takenNamesIn(entries),
    ...verifyProblems(entries),
  ];
}

function entryProblems(entry: Entry): string[] {
  return [
    ...unknownOptions(entry),
    ...missingOptions(entry),
    ...wrongOptions(entry),
    ...serverProblems(entry["server"]),
    ...unfitOptions(entry),
    ...contradictions(entry),
  ];
}

function keyProblems(name: string): string[] {
  if (!label.test(name)) return [unexpected("the key", name, "a DNS label: 1 to 50 of a-z, 0-9 and -")];
  if (!/^[a-z]/.test(name)) return [unexpected("the key", name, "one that begins with a letter")];
  if (OF_HUB.includes(name)) return [unexpected("the key", name, "another one: npm start has a path of that name")];
  return taken.has(name) ? [unexpected("the key", name, "one that no part of a deployment has already")] : [];
}

/** Names of what a deployment has besides its services. */
const taken: ReadonlySet<string> = new Set([
  "docker",
  "gateway",
  "gateway-image",
  "docker-filter",
  "networks",
  "nginx-proxy",
  "acme-companion",
  "acme-companion-secrets",
  "egress",
  "cloudflared",
  "cloudflared-secrets",
  "pinned",
]);

/** What is added to a service's name for parts of it: `memory-port` is where memory is reached on this machine. */
const PARTS = ["-port", "-image", "-gateway-image", "-egress"] as const;

function ownNames(entries: Entries): string[] {
  return Object.keys(entries).flatMap((name) => {
    const others = PARTS.filter((part) => name.endsWith(part)).map((part) => name.slice(0, -part.length));
    const other = others.find((each) => Object.hasOwn(entries, each));
    if (other === undefined) return [];
    return [`${name}: ${unexpected("the key", name, `another one: a part of ${other} is called so`)}`];
  });
}

/** Every option of an entry: what it expects instead of a value; undefined when the value is right. */
const options: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  server: (value) => (isRecord(value) && kinds.has(String(value["kind"])) ? undefined : expectedServer()),
  ...Object.fromEntries(
    Object.entries(ownOptions).map(([name, { schema, expected }]) => [
      name,
      (value: unknown) => (schema.safeParse(value).success ? undefined : expected),
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(passedOptions).map((name) => [name, (value: unknown) => gatewayExpects(name, value)]),
  ),
};

/** "npm(), pypi() or sse(), or the entry is an app()". */
function expectedServer(): string {
  const all = [...kinds.values()];
  const servers = all.filter(({ role }) => role !== "app").map(builder);
  const apps = all.filter(({ role }) => role === "app").map(builder);
  return `${servers.slice(0, -1).join(", ")} or ${servers.at(-1)}, or the entry is an ${apps.join(" or ")}`;
}

const builder = ({ kind }: Kind) => `${kind}()`;

function unknownOptions(entry: Entry): string[] {
  const isApp = kindIn(entry["server"])?.role === "app";
  const known = [...Object.keys(options), ...(isApp ? Object.keys(appOptions) : [])];
  const unknown = Object.keys(entry).filter((option) => !Object.hasOwn(options, option));
  return unknown.map((option) => {
    if (isReserved(option)) return unexpected(option, entry[option], `no such option in an entry: ${reserved[option]}`);
    if (Object.hasOwn(appOptions, option)) return unexpected(option, entry[option], "an app() with it");
    const near = nearest(option, known);
    return `unknown option "${option}", expected ${near ? `"${near}"` : `one of ${known.join(", ")}`}`;
  });
}

function missingOptions(entry: Entry): string[] {
  const required = ["server", ...Object.entries(ownOptions).flatMap(([name, own]) => ("default" in own ? [] : [name]))];
  return required
    .filter((option) => entry[option] === undefined)
    .map((option) => `${option} is missing, expected ${options[option]?.(undefined)}`);
}

function wrongOptions(entry: Entry): string[] {
  return Object.entries(options).flatMap(([option, expects]) => {
    const value = entry[option];
    const expected = value === undefined ? undefined : expects(value);
    return expected === undefined ? [] : [unexpected(option, value, expected)];
  });
}

function serverProblems(server: unknown): string[] {
  const kind = kindIn(server);
  if (!isRecord(server) || kind === undefined) return []; // wrongOptions has said it
  return Object.entries<Rule>(kind.fields)
    .filter(([field, rule]) => server[field] !== undefined || !("default" in rule)) // what has a default may be left out
    .filter(([field, { schema }]) => !schema.safeParse(server[field]).success)
    .map(([field, { expected }]) => unexpected(`${kind.kind}() ${field}`, server[field], expected));
}

/** Options of whoever has a process of ours. */
const ofProcesses = [
  "isolation",
  "serial",
  "revive",
  "maxChildren",
  "env",
  "volumes",
  "egress",
] satisfies (keyof ServiceEntry)[];

/** Options of whoever has a server of its own. */
const ofServers = [
  "secrets",
  "optionalSecrets",
  "keyUrl",
  "acceptServiceToken",
  "optional",
  "reaches",
] satisfies (keyof ServiceEntry)[];

/** Options that would have no effect: an upstream has no process of ours, a group has no server of its own, an app no gateway. */
const unfit: Readonly<Record<Kind["role"], readonly string[]>> = {
  stdio: [],
  upstream: ofProcesses,
  group: [...ofProcesses, ...ofServers],
  app: [...Object.keys(passedOptions), "acceptServiceToken", "egress", "probe"],
};

function unfitOptions(entry: Entry): string[] {
  const kind = kindIn(entry["server"]);
  if (kind === undefined) return [];
  const found = unfit[kind.role].filter((option) => entry[option] !== undefined);
  return found.map((option) => unexpected(option, entry[option], `no such option with ${kind.kind}()`));
}

function contradictions(entry: Entry): string[] {
  const { serial, isolation, maxChildren, env, acceptServiceToken } = entry as Partial<ServiceEntry>;
  const both = isRecord(env) ? secretsOf(entry).filter((secret) => Object.hasOwn(env, secret)) : [];
  return [
    ...(serial === true && isolation !== "shared" ? ['serial is true, expected isolation: "shared" with it'] : []),
    ...(maxChildren !== undefined && isolation === "shared"
      ? [unexpected("maxChildren", maxChildren, 'isolation: "session" with it')]
      : []),
    ...both.map((secret) => `${secret} is in env and in secrets, expected in one of them`),
    ...unfitValues(entry),
    ...gatewaysOwn(entry),
    ...acceptedProblems(acceptServiceToken, secretsOf(entry)),
    ...listProblems(entry),
    ...hiddenProbe(entry),
    ...loginContradictions(entry),
    ...destinationProblems(entry["egress"]),
    ...(entry["optional"] === true && [entry["secrets"]].flat().every((secret) => secret === undefined)
      ? ["optional is true, expected secrets with it: they decide whether it is deployed"]
      : []),
    ...(kindIn(entry["server"])?.role === "app" ? appContradictions(entry, entry["server"] as Entry) : []),
  ];
}

/** A gateway is told the environment of its server line by line. No environment at all takes a zero character. */
function unfitValues({ env, server }: Entry): string[] {
  if (!isRecord(env)) return [];
  const isApp = kindIn(server)?.role === "app";
  return Object.entries(env).flatMap(([name, value]) => {
    if (typeof value !== "string") return [];
    if (value.includes("\0")) return [`env ${name} has a zero character (\\0), expected a text without one`];
    return isApp || !/[\r\n]/.test(value)
      ? []
      : [
          `env ${name} has a line break, expected a text of one line; write what has several into a file of the image, or encode it`,
        ];
  });
}

/** The variables that the gateway reads, each also as a file's name. */
const ofGateway: ReadonlySet<string> = new Set(Object.values(allOptions).flatMap(({ env }) => spellings(env)));

/** A secret is told to the gateway under its own name, and the gateway would take it for a setting of its own. */
function gatewaysOwn(entry: Entry): string[] {
  if (kindIn(entry["server"])?.role === "app") return []; // it has no gateway
  const taken = secretsOf(entry).filter((secret) => spellings(secret).some((name) => ofGateway.has(name)));
  return taken.map((secret) =>
    unexpected("the secret", secret, "another name: the gateway reads this variable itself"),
  );
}

/** Texts of lists that the gateway would refuse. */
function listProblems(entry: Entry): string[] {
  return Object.entries(passedOptions).flatMap(([name, option]) => {
    const value = entry[name];
    if (!isList(option) || !Array.isArray(value)) return [];
    return value.filter(isText).flatMap((text) => {
      const expected = expectedInstead(option, text);
      return expected === undefined ? [] : [`${name} has "${text}", expected ${expected}`];
    });
  });
}

const isText = (value: unknown): value is string => typeof value === "string";

/** `npx gangway verify` calls as every client does. */
function hiddenProbe({ probe, tools }: Entry): string[] {
  const tool = isRecord(probe) ? probe["tool"] : undefined;
  if (typeof tool !== "string" || !Array.isArray(tools)) return [];
  const isOffered = new ToolPatterns(tools.filter(isText)).offers(tool);
  return isOffered ? [] : [unexpected("probe", tool, "a tool that `tools` offers")];
}

/** Which secret is meant must be plain: whoever has it may call. */
function acceptedProblems(accepted: unknown, secrets: readonly string[]): string[] {
  if (accepted === undefined || accepted === false) return [];
  const isClear = accepted === true ? secrets.length === 1 : typeof accepted === "string" && secrets.includes(accepted);
  if (isClear) return [];
  const names =
    secrets.length === 0 ? "a secret in the entry" : `the name of one of its secrets (${secrets.join(", ")})`;
  return [unexpected("acceptServiceToken", accepted, names)];
}

/** Values that only one entry may have. @param valueOf undefined where an entry has none */
function clashes(entries: Entries, what: string, valueOf: (entry: Entry, name: string) => unknown): string[] {
  const owners = new Map<unknown, string>();
  return Object.entries(entries).flatMap(([name, entry]) => {
    const value = isRecord(entry) ? valueOf(entry, name) : undefined;
    const owner = value === undefined ? undefined : owners.get(value);
    if (owner !== undefined) return [`${name}: ${unexpected(what, value, `one that ${owner} does not have`)}`];
    owners.set(value, name);
    return [];
  });
}

const hostnameOf = ({ server, hostname }: Entry, name: string) =>
  isRecord(server) && server["public"] === false ? undefined : (hostname ?? name);

/** Containers find each other by these names. */
const containerOf = ({ server }: Entry, name: string) =>
  kindIn(server) === undefined ? undefined : containerName({ name, server: server as AppServer });

const kindIn = (server: unknown) => (isRecord(server) ? kinds.get(String(server["kind"])) : undefined);
const isReserved = (option: string): option is keyof typeof reserved => Object.hasOwn(reserved, option);
