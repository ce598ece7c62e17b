/** `sessions`, `revoke` and `clients`: what the server has given out, and how that ends, also while it runs. */
import { parseArgs } from "node:util";
import { printable } from "../gateways/printable.ts";
import { ConfigError } from "./config.ts";
import type { Grant } from "./store/contract/grants.ts";
import type { Store } from "./store/store.ts";
import { table } from "./table.ts";

/** What a command prints. */
export interface Outcome {
  readonly json: unknown;
  /** For people, a line for each thing. */
  readonly text: string;
}

/** What was asked for cannot be done: exit code 1. */
export class Refused extends Error {}

export const OPERATOR_USAGE = `sessions [--user <user>] [--json]
revoke <grant> | --user <user> | --client <id>  [--json]
clients [--json]

  <grant>   the first column of sessions; the same id is \`flow\` in the log
  HOST      of the client's document, which nobody else can claim; else where the answers of a client go that registered itself
  LAST USED to about five minutes: when a gateway last asked about a token, or one was issued
  FROM      the address of the browser in which the user logged in
  <user>    a name, or the id of a user
  --json    prints JSON`;

const FLAGS = {
  user: { type: "string" },
  client: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

type Call = ReturnType<typeof parsed>;

/** The commands, by name. @throws ConfigError for wrong use, Refused */
export const operatorCommands: Readonly<Record<string, (args: readonly string[], store: Store) => Promise<string>>> = {
  sessions: (args, store) => run(args, store, sessions),
  revoke: (args, store) => run(args, store, revoke),
  clients: (args, store) => run(args, store, clients),
};

async function run(
  args: readonly string[],
  store: Store,
  command: (call: Call, store: Store) => Promise<Outcome>,
): Promise<string> {
  const call = parsed(args);
  const { json, text } = await command(call, store);
  return call.values.json ? JSON.stringify(json, undefined, 2) : printable(text, { lines: true, limit: Infinity });
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}\n\n${OPERATOR_USAGE}`);
  }
}

const SESSIONS = ["GRANT", "USER", "CLIENT", "HOST", "SERVICE", "SCOPES", "SINCE", "LAST USED", "FROM"];

async function sessions({ values: { user } }: Call, store: Store): Promise<Outcome> {
  const names = await namesIn(store);
  const found = await store.grants.list(user === undefined ? {} : { account: idOf(user, names) });
  return {
    json: found.map((grant) => shown(grant, names)),
    text:
      found.length === 0
        ? "Nobody is logged in."
        : table(
            SESSIONS,
            found.map((grant) => rowOf(grant, names)),
          ),
  };
}

async function revoke({ values, positionals: [grant, ...more] }: Call, store: Store): Promise<Outcome> {
  const { user, client } = values;
  const given = [grant, user, client].filter((what) => what !== undefined);
  if (given.length !== 1 || more.length > 0) throw new ConfigError(OPERATOR_USAGE);
  const names = await namesIn(store);
  const ended =
    grant === undefined ? await store.grants.endAll(ownedBy(user, client, names)) : [await endOne(grant, store)];
  const text = ended.length === 0 ? "There was nothing to end." : ended.map((one) => endedLine(one, names)).join("\n");
  return { json: ended.map((one) => shown(one, names)), text };
}

const ownedBy = (user: string | undefined, client: string | undefined, names: Names) => ({
  ...(user !== undefined && { account: idOf(user, names) }),
  ...(client !== undefined && { client }),
});

async function endOne(id: string, { grants }: Store): Promise<Grant> {
  const grant = await grants.end(id);
  if (!grant) throw new Refused(`There is no grant ${printable(id)}. \`sessions\` shows all.`);
  return grant;
}

const CLIENTS = ["CLIENT", "HOST", "SESSIONS", "SINCE", "LAST USED", "ID"];

async function clients(_: Call, store: Store): Promise<Outcome> {
  const [grants, documents, registered] = await Promise.all([
    store.grants.list(),
    store.documents.list(),
    store.clients.list(),
  ]);
  const all = [
    ...documents.map(({ url, name, fetched }) => ({ id: url, name, redirects: null, read: fetched })),
    ...registered.map(({ id, metadata, created, used }) => ({
      id,
      name: typeof metadata["client_name"] === "string" ? metadata["client_name"] : null,
      redirects: metadata.redirect_uris,
      created,
      used,
    })),
  ].map((client) => withSessions(client, grants));
  const rows = all.map(({ id, name, host, sessions: count, registered, used }) => [
    name ?? "",
    host,
    String(count),
    registered === null ? "" : minute(registered),
    used === null ? "never" : minute(used),
    id,
  ]);
  return { json: all, text: rows.length === 0 ? "No client has come yet." : table(CLIENTS, rows) };
}

/** A client that has come: with a document that was read, or registered. Times are seconds since 1970. */
interface Known {
  readonly id: string;
  readonly name: string | null;
  readonly redirects: readonly string[] | null;
  readonly read?: number;
  readonly created?: number;
  readonly used?: number | undefined;
}

function withSessions({ id, name, redirects, read, created, used }: Known, grants: readonly Grant[]) {
  const own = grants.filter(({ client }) => client === id);
  const times = [read, used, ...own.map((grant) => grant.used)].filter((time) => time !== undefined);
  return {
    id,
    name,
    host: hostOfClient(id, redirects?.[0] ?? ""),
    redirects,
    registered: created === undefined ? null : iso(created),
    used: times.length === 0 ? null : iso(Math.max(...times)),
    sessions: own.length,
  };
}

/** The names of users, by their ids. */
type Names = ReadonlyMap<string, string>;

const namesIn = async ({ users }: Store): Promise<Names> =>
  new Map((await users.list()).map(({ id, name }) => [id, name]));

/** The id of a user who is named, or who is gone already. */
const idOf = (user: string, names: Names): string => [...names].find(([, name]) => name === user)?.[0] ?? user;

const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString();

/** As `iso`, to the minute. */
const minute = (time: string): string => `${time.slice(0, 16)}Z`;

const shown = ({ account, created, used, ...grant }: Grant, names: Names) => ({
  ...grant,
  clientName: grant.clientName ?? null,
  host: hostOfClient(grant.client, grant.redirectUri),
  service: serviceOf(grant),
  address: grant.address ?? null,
  user: names.get(account) ?? account,
  created: iso(created),
  used: iso(used),
});

function rowOf(grant: Grant, names: Names): string[] {
  const { id, user, client, clientName, host, service, scope, created, used, address } = shown(grant, names);
  return [id, user, clientName ?? client, host, service, scope, minute(created), minute(used), address ?? ""];
}

function endedLine(grant: Grant, names: Names): string {
  const { id, user, client, clientName, service } = shown(grant, names);
  const words = [id, user, clientName ?? client, service].map((word) => printable(word));
  return `Ended ${words.join("  ")}`;
}

/** Of a client with a document its host, which nobody else can claim; of one that has registered itself where its answers go. */
function hostOfClient(id: string, redirect: string): string {
  const url = URL.canParse(id) ? id : redirect;
  if (!URL.canParse(url)) return url;
  const { host, protocol } = new URL(url);
  return host || protocol;
}

/** A service's scopes begin with its name: `memory`, `tools:memory:read_*`. */
const serviceOf = ({ scope, resource }: Pick<Grant, "scope" | "resource">): string =>
  /^(?:tools:)?([^:\s]+)/.exec(scope)?.[1] ?? resource;
