/** Reads a server.json, in which a server's author says how it is run. @see the schema of 2025-12-11 in the MCP registry */
import * as z from "zod/mini";
import { bare, type Candidate } from "../kit/candidate.ts";
import { isWhatItSays } from "./what.ts";

const text = z.optional(z.string());
const flag = z.optional(z.boolean());
const input = z.object({ value: text, default: text, isRequired: flag, isSecret: flag });
const withVariables = z.extend(input, { variables: z.optional(z.record(z.string(), input)) });
const keyed = z.extend(withVariables, { name: z.string() });
const argument = z.extend(withVariables, { type: z.enum(["positional", "named"]), name: text, valueHint: text });
const pack = z.object({
  registryType: z.string(),
  identifier: z.string(),
  version: text,
  transport: z.object({ type: z.string() }),
  packageArguments: z.optional(z.array(argument)),
  runtimeArguments: z.optional(z.array(argument)),
  environmentVariables: z.optional(z.array(keyed)),
});
const remote = z.object({ type: z.string(), url: z.string(), headers: z.optional(z.array(keyed)) });
const document = z.object({
  name: z.string(),
  description: text,
  packages: z.optional(z.array(pack)),
  remotes: z.optional(z.array(remote)),
});

type Input = z.infer<typeof withVariables>;
type Argument = z.infer<typeof argument>;
type Package = z.infer<typeof pack>;
type Remote = z.infer<typeof remote>;

/** By registryType, in the order in which they are preferred: what starts without Docker comes first. */
const kinds = { npm: "npm", pypi: "pypi", oci: "image" } as const;

/**
 * The way in which Gangway runs it.
 * @param words what the reader adds to its arguments
 * @throws Error when it is no server.json, none of its ways is one of ours, or it wants arguments that are not there
 */
export function fromServerJson(said: unknown, words: readonly string[]): Candidate {
  const parsed = document.safeParse(said);
  if (!parsed.success) {
    const [{ path, message } = { path: [], message: "" }] = parsed.error.issues;
    throw new Error(`it is not a server.json: ${path.join(".") || "the document"}: ${message}`);
  }
  const { name, description, packages = [], remotes = [] } = parsed.data;
  const found = Object.keys(kinds).flatMap((type) => packages.filter((one) => isOurs(one, type)))[0];
  const candidate = found ? ofPackage(found, words) : ofRemote(remotes, name);
  if (candidate !== undefined) return { ...checked(candidate, name), about: description };
  const offered = [...packages.map((one) => `${one.registryType} (${one.transport.type})`), ...remotes.map(headersOf)];
  throw new Error(
    `${name} offers ${offered.join(", ") || "nothing"}, expected npm, pypi or oci with stdio, or a URL with a bearer token at most`,
  );
}

/** @throws Error for a name that npm, uv or Docker would take for something else */
function checked(candidate: Candidate, name: string): Candidate {
  const { kind, source, version } = candidate;
  if (isWhatItSays(candidate)) return candidate;
  const got = [source, version].filter((part) => part !== undefined).join(" at ");
  throw new Error(`${name} calls its ${kind} ${JSON.stringify(got)}, which is no name of one`);
}

const isOurs = ({ registryType, transport }: Package, type: string) =>
  registryType === type && transport.type === "stdio";

function ofPackage(its: Package, words: readonly string[]): Candidate {
  const kind = kinds[its.registryType as keyof typeof kinds];
  const isTagged = kind === "image" && /:[^/]+$/.test(its.identifier);
  const source = kind === "image" && !isTagged ? `${its.identifier}:${its.version ?? ""}` : its.identifier;
  const given = [...argumentsOf(its.packageArguments ?? [], words.length > 0), ...words];
  const ignored = its.registryType === "oci" ? (its.runtimeArguments ?? []).filter(matters) : [];
  return {
    ...bare(kind, source, given),
    ...(kind !== "image" && { version: its.version }),
    ...variablesOf(its.environmentVariables ?? []),
    ...(ignored.length > 0 && {
      notes: [`left out, because they are for \`docker run\`: ${ignored.map(({ name }) => name ?? "?").join(", ")}`],
    }),
  };
}

/** Every container of ours has these. */
const matters = ({ name }: Argument) => !/^(-i|--interactive|--rm|--init|-e|--env)$/.test(name ?? "");

/** @param hasMore whether the reader adds arguments, which may be what is missing */
function argumentsOf(all: readonly Argument[], hasMore: boolean): string[] {
  const missing = all.filter((one) => one.isRequired && valueOf(one) === undefined && !isSwitch(one));
  if (missing.length > 0 && !hasMore) {
    const names = missing.map(({ name, valueHint }) => name ?? `<${valueHint ?? "value"}>`).join(" ");
    throw new Error(`it wants ${names}: give it after --, as in: npx gangway add <what> -- ${names}`);
  }
  return all.flatMap((one) => {
    const value = valueOf(one);
    if (one.type === "positional") return value === undefined ? [] : [value];
    if (one.name === undefined || (value === undefined && !(one.isRequired && isSwitch(one)))) return [];
    return [value === undefined ? one.name : `${one.name}=${value}`]; // as the schema says of a NamedArgument
  });
}

const isSwitch = ({ type, value, variables }: Argument) =>
  type === "named" && value === undefined && variables === undefined;

/** Its value, with its variables filled in; undefined where one of them has none. */
function valueOf({ value, default: preset, variables = {} }: Input): string | undefined {
  const whole = value ?? preset;
  const filled = whole?.replaceAll(/\{([^{}]+)\}/g, (braces, name: string) => {
    if (!Object.hasOwn(variables, name)) return braces;
    return variables[name]!.value ?? variables[name]!.default ?? OPEN;
  });
  return filled?.includes(OPEN) ? undefined : filled;
}

/** Stands for a variable without a value. */
const OPEN = "\0";

/** Secrets, and whatever else has a value that only the reader knows, come from `.env`. */
function variablesOf(all: readonly z.infer<typeof keyed>[]) {
  const own = all.filter(({ name }) => VARIABLE.test(name));
  const names = (some: typeof own) => some.map(({ name }) => name);
  const preset = own.filter((one) => !isOpen(one) && (one.value !== undefined || one.isRequired === true));
  return {
    secrets: names(own.filter((one) => isOpen(one) && one.isRequired === true)),
    optionalSecrets: names(own.filter((one) => one.isSecret === true && one.isRequired !== true)),
    env: Object.fromEntries(preset.map((one) => [one.name, valueOf(one)!])),
  };
}

/** Whether only the reader knows its value. */
const isOpen = (one: Input) => one.isSecret === true || valueOf(one) === undefined;

/** A variable's name, as the catalog takes it. */
export const VARIABLE = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/;

function ofRemote(remotes: readonly Remote[], name: string): Candidate | undefined {
  const usable = remotes.filter(({ url, headers = [] }) => !/[{}]/.test(url) && headers.every(isToken));
  const found = usable.find(({ type }) => type === "streamable-http") ?? usable.find(({ type }) => type === "sse");
  if (found === undefined) return undefined;
  const isAsked = (found.headers ?? []).some(({ isRequired, isSecret }) => isRequired === true || isSecret === true);
  return {
    ...bare(found.type === "sse" ? "sse" : "http", found.url, []),
    secrets: isAsked ? [tokenName(name)] : [],
  };
}

/** The one header that an upstream of ours is sent. Others may be left out where they are not required. */
const isToken = ({ name, isRequired }: z.infer<typeof keyed>) => /^authorization$/i.test(name) || isRequired !== true;

/** `com.example/weather-mcp` needs WEATHER_MCP_TOKEN. */
const tokenName = (name: string) => {
  const words = name.replace(/^.*\//, "").toUpperCase();
  return `${words.replaceAll(/[^A-Z0-9]+/g, "_").replaceAll(/^[_\d]+|_+$/g, "") || "MCP"}_TOKEN`;
};

const headersOf = ({ type, headers = [] }: Remote) =>
  headers.length === 0 ? type : `${type} with ${headers.map(({ name }) => name).join(", ")}`;
