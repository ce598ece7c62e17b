/** From what a person names to a service that has been tried. */
import { mkdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import type { Service } from "../../stacks/catalog/entry.ts";
import { ask } from "../kit/ask.ts";
import { WrongUse } from "../kit/arguments.ts";
import type { Progress } from "../kit/progress.ts";
import { bare, type Candidate } from "../kit/candidate.ts";
import type { NewEntry } from "./entry-text.ts";
import { freeCatalogPort, suggestedName } from "./names.ts";
import { prepare, type Prepared } from "../kit/prepare.ts";
import { exactSpec } from "../kit/versions.ts";
import type { Workshop } from "../kit/workshop.ts";
import { askRegistry } from "./registry.ts";
import { fromServerJson } from "./server-json.ts";
import { type Trial, type Trying, tryServer } from "../kit/trial.ts";
import { type What, whatIs } from "./what.ts";

/** What was asked for. */
export interface Asked {
  readonly word: string;
  /** Arguments of the server. */
  readonly words: readonly string[];
  readonly name?: string | undefined;
  readonly port?: number | undefined;
  /** Variables that it needs. */
  readonly variables: readonly string[];
}

/** A server that is ready to become an entry. */
export interface Found {
  readonly entry: NewEntry;
  readonly prepared: Prepared;
  /** undefined: it could not be tried. */
  readonly trial: Trial | undefined;
  /** What the reader should know before he says yes. */
  readonly notes: readonly string[];
}

/** Finds it, installs it in the workshop, and starts it there. @returns the name of the service that it is already, or all that is known */
export async function find(
  asked: Asked,
  services: readonly Service[],
  shop: Workshop,
  during: Progress,
): Promise<{ readonly already: string } | Found> {
  const what = whatIs(asked.word);
  const candidate = await candidateFor(what, asked.words, shop, during);
  const isPackage = candidate.kind === "npm" || candidate.kind === "pypi";
  const spec = isPackage
    ? await during(`finding the version of ${candidate.source}`, () => exactSpec(candidate, shop))
    : candidate.source;
  const same = services.find(({ server }) => isSame(server, candidate, spec));
  if (same !== undefined) return { already: same.name };
  const name = await freeName(asked.name ?? suggestedName(nameSource(what, candidate)), services, asked.name);
  const port = asked.port ?? freeCatalogPort(services.map((service) => service.port));
  const volumes = volumesFor(candidate, name);
  const tried = { ...candidate, words: candidate.words.map((word) => folderFor(volumes[word], shop) ?? word) };
  const isElsewhere = candidate.kind === "http" || candidate.kind === "sse";
  const prepared: Prepared = isElsewhere
    ? { spec, start: { type: candidate.kind, url: spec } }
    : await during(`installing ${spec}`, () => prepare(tried, spec, shop));
  const given = { ...candidate, secrets: [...new Set([...candidate.secrets, ...asked.variables])] };
  const outcome = await during(isElsewhere ? `connecting to ${spec}` : `starting ${name} once`, () =>
    tryWith(given, prepared, name, shop),
  );
  const { kind, secrets, trial, notes } = outcome;
  const entry: NewEntry = {
    name,
    kind,
    spec,
    port,
    volumes,
    env: candidate.env,
    secrets,
    words: prepared.words ?? candidate.words,
    optionalSecrets: candidate.optionalSecrets.filter((one) => !secrets.includes(one)),
    about: candidate.about ?? prepared.about ?? (trial?.is === "up" ? titleOf(trial) : undefined),
  };
  return { entry, prepared, trial, notes: [...candidate.notes, ...notes, ...volumeNotes(volumes)] };
}

async function candidateFor(
  what: What,
  words: readonly string[],
  { signal }: Workshop,
  during: Progress,
): Promise<Candidate> {
  switch (what.from) {
    case "url":
      if (words.length > 0) throw new WrongUse(`got ${words.join(" ")} after --, expected nothing with a URL`);
      return bare("http", what.url, []);
    case "image":
      return bare("image", tagged(what.ref), words);
    case "registry":
      return fromServerJson(await during("asking the MCP registry", () => askRegistry(what, signal)), words);
    case "file":
      return fromServerJson(documentIn(what.path), words);
    case "npm":
    case "pypi":
      return { ...bare(what.from, what.name, words), version: what.version };
  }
}

function tagged(ref: string): string {
  if (/(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(ref.slice(ref.lastIndexOf("/")))) return ref;
  throw new WrongUse(
    `got ${ref}, expected an image at a tag other than latest, as in ${ref.replace(/:latest$/, "")}:v1.2.3`,
  );
}

function documentIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Error(`${path} cannot be read as JSON: ${(cause as Error).message}`, { cause });
  }
}

const nameSource = (what: What, { source }: Candidate) => (what.from === "registry" ? what.name : source);

function isSame(server: Service["server"], { kind, words }: Candidate, spec: string): boolean {
  const { kind: other, ...fields } = server;
  const own: Record<string, unknown> = { ...fields };
  if (kind === "http" && (other === "http" || other === "sse")) return own["url"] === spec;
  if (other !== kind) return false;
  const isSameThing = [own["package"], own["image"], own["url"]].includes(spec);
  return (
    isSameThing &&
    (kind === "image" && words.length === 0 ? true : isDeepStrictEqual(own["args"] ?? own["command"] ?? [], words))
  );
}

/** @throws WrongUse when it is taken and nobody can be asked */
async function freeName(name: string, services: readonly Service[], asked: string | undefined): Promise<string> {
  const isTaken = services.some((service) => service.name === name);
  if (name !== "" && !isTaken) return name;
  const problem = isTaken ? `there is a service ${name} already` : "it has no name that a service could have";
  if (asked !== undefined || !process.stdin.isTTY)
    throw new WrongUse(`${problem}: choose another name, as in --name ${name || "mine"}-2`);
  return freeName(await ask(`${problem}. What shall this one be called?`), services, undefined);
}

/** Arguments that are absolute paths: in its container each is a volume. */
function volumesFor({ kind, words }: Candidate, name: string): Record<string, string> {
  if (kind !== "npm" && kind !== "pypi") return {};
  const paths = [...new Set(words.filter((word) => /^(\/[\w.-]*[\w-])+$/.test(word)))];
  return Object.fromEntries(paths.map((path, at) => [path, at === 0 ? name : `${name}-${at + 1}`]));
}

function folderFor(volume: string | undefined, { path }: Workshop): string | undefined {
  if (volume === undefined) return undefined;
  const folder = join(path, "volumes", volume);
  mkdirSync(folder, { recursive: true });
  return folder;
}

const volumeNotes = (volumes: Readonly<Record<string, string>>) =>
  Object.entries(volumes).map(
    ([path, volume]) =>
      `${path} is a volume: a folder of its own (here .gangway/data/${volume}), not this machine's ${path}`,
  );

const titleOf = ({ server }: Trial & { readonly is: "up" }) =>
  typeof server.name === "string" ? server.name : undefined;

interface Outcome {
  readonly kind: Candidate["kind"];
  readonly secrets: readonly string[];
  readonly trial: Trial | undefined;
  readonly notes: readonly string[];
}

/** Stands for each secret: the reader's own stay out of it. */
const PLACEHOLDER = "placeholder";

/** Tries it, once more with what it says it lacks. @throws Error when it does not start, and nothing explains that */
async function tryWith(
  candidate: Candidate,
  { start, spec }: Prepared,
  name: string,
  shop: Workshop,
): Promise<Outcome> {
  const { kind, secrets, env } = candidate;
  if ("problem" in start) return { kind, secrets, trial: undefined, notes: [`it was not tried: ${start.problem}`] };
  const withSecrets = (names: readonly string[]): Trying => ({
    name,
    path: shop.path,
    signal: shop.signal,
    env: { ...env, ...Object.fromEntries(names.map((one) => [one, PLACEHOLDER])) },
  });
  const trial = await tryServer(start, withSecrets(secrets));
  if (trial.is === "up") return { kind, secrets, trial, notes: [] };
  if (trial.asksForToken) return { kind, ...closed(secrets, name), trial };
  if ("url" in start && kind === "http") {
    const older = await tryServer({ type: "sse", url: start.url }, withSecrets(secrets));
    if (older.is === "up") return { kind: "sse", secrets, trial: older, notes: ["it speaks the older HTTP+SSE"] };
  }
  const lacks = trial.lacks.filter((one) => !secrets.includes(one));
  if (lacks.length > 0) {
    const all = [...secrets, ...lacks];
    const again = await tryServer(start, withSecrets(all));
    const notes = [`${lacks.join(", ")}: it says that it needs ${lacks.length === 1 ? "this" : "these"}. Is that so?`];
    return { kind, secrets: all, trial: again, notes: [...notes, ...withoutKey(again)] };
  }
  if (secrets.length > 0) return { kind, secrets, trial, notes: withoutKey(trial) };
  throw new Error(`${spec} ${"url" in start ? "cannot be used" : "does not start"}: ${trial.problem}${hintFor(kind)}`);
}

const withoutKey = (trial: Trial) =>
  trial.is === "up" ? [] : [`it did not start with placeholders for its secrets: ${trial.problem}`];

/** An upstream that refuses whoever has no token: the first secret is that token. */
function closed(secrets: readonly string[], name: string): Pick<Outcome, "secrets" | "notes"> {
  if (secrets.length > 0)
    return { secrets, notes: [`it asks for a token, so it was not tried: ${secrets[0]} is sent to it`] };
  const made = `${name.toUpperCase().replaceAll("-", "_")}_TOKEN`;
  return { secrets: [made], notes: [`it asks for a token: ${made} is sent to it. Another name: --env <name>`] };
}

const hintFor = (kind: Candidate["kind"]) =>
  kind === "http" || kind === "sse"
    ? ""
    : "\nArguments go after --, as in: npx gangway add <what> -- stdio. Variables that it needs: --env NAME,OTHER";
