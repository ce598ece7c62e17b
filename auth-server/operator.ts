/** `sessions`, `revoke` and `clients`: what the server has given out, and how that ends, also while it runs. */
import { parseArgs } from "node:util";
import { printable } from "../gateways/printable.ts";
import { ConfigError } from "./config.ts";
import { listClients, listDocuments } from "./store/clients.ts";
import type { Database } from "./store/database.ts";
import { endGrant, endGrants, findGrant, listGrants, type Grant } from "./store/grants.ts";
import { Users } from "./users/users.ts";

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
  <user>    a name, or the id of a user
  --json    prints JSON`;

const FLAGS = {
  user: { type: "string" },
  client: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

type Call = ReturnType<typeof parsed>;

/** The commands, by name. @throws ConfigError for wrong use, Refused */
export const operatorCommands: Readonly<Record<string, (args: readonly string[], database: Database) => string>> = {
  sessions: (args, database) => run(args, database, sessions),
  revoke: (args, database) => run(args, database, revoke),
  clients: (args, database) => run(args, database, clients),
};

function run(
  args: readonly string[],
  database: Database,
  command: (call: Call, database: Database) => Outcome,
): string {
  const call = parsed(args);
  const { json, text } = command(call, database);
  return call.values.json ? JSON.stringify(json, undefined, 2) : printable(text, { lines: true, limit: Infinity });
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}\n\n${OPERATOR_USAGE}`);
  }
}

function sessions({ values: { user } }: Call, database: Database): Outcome {
  const names = namesIn(database);
  const found = listGrants(database, user === undefined ? {} : { account: idOf(user, names) });
  return {
    json: found.map((grant) => shown(grant, names)),
    text: found.length === 0 ? "Nobody is logged in." : found.map((grant) => lineOf(grant, names)).join("\n"),
  };
}

function revoke({ values: { user, client }, positionals: [grant, ...more] }: Call, database: Database): Outcome {
  const given = [grant, user, client].filter((what) => what !== undefined);
  if (given.length !== 1 || more.length > 0) throw new ConfigError(OPERATOR_USAGE);
  const names = namesIn(database);
  const ended = grant === undefined ? endGrants(database, ownedBy(user, client, names)) : [endOne(grant, database)];
  const text =
    ended.length === 0 ? "There was nothing to end." : ended.map((one) => `Ended ${lineOf(one, names)}`).join("\n");
  return { json: ended.map((one) => shown(one, names)), text };
}

const ownedBy = (user: string | undefined, client: string | undefined, names: Names) => ({
  ...(user !== undefined && { account: idOf(user, names) }),
  ...(client !== undefined && { client }),
});

function endOne(id: string, database: Database): Grant {
  const grant = findGrant(database, id);
  if (!grant) throw new Refused(`There is no grant ${printable(id)}. \`sessions\` shows all.`);
  endGrant(database, id);
  return grant;
}

function clients(_: Call, database: Database): Outcome {
  const grants = listGrants(database);
  const countOf = (client: string) => grants.filter((grant) => grant.client === client).length;
  const registered = listClients(database).map(({ id, metadata, created, used }) => ({
    id,
    name: typeof metadata["client_name"] === "string" ? metadata["client_name"] : null,
    redirects: metadata.redirect_uris,
    registered: iso(created),
    used: used === undefined ? null : iso(used),
    sessions: countOf(id),
  }));
  const documents = listDocuments(database).map(({ url, fetched }) => ({
    id: url,
    name: null,
    redirects: null,
    registered: null,
    used: iso(fetched),
    sessions: countOf(url),
  }));
  const all = [...documents, ...registered];
  const lines = all.map(({ id, name, sessions: count, used }) =>
    [id, name, count === 1 ? "1 session" : `${count} sessions`, used === null ? "never used" : `used ${used}`]
      .filter((word) => word !== null)
      .join("  "),
  );
  return { json: all, text: lines.length === 0 ? "No client has come yet." : lines.join("\n") };
}

/** The names of users, by their ids. */
type Names = ReadonlyMap<string, string>;

const namesIn = (database: Database): Names => new Map(new Users(database).list().map(({ id, name }) => [id, name]));

/** The id of a user who is named, or who is gone already. */
const idOf = (user: string, names: Names): string => [...names].find(([, name]) => name === user)?.[0] ?? user;

const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString();

const shown = ({ account, created, used, ...grant }: Grant, names: Names) => ({
  ...grant,
  clientName: grant.clientName ?? null,
  user: names.get(account) ?? account,
  created: iso(created),
  used: iso(used),
});

function lineOf({ id, account, client, clientName, redirectUri, resource, scope, used }: Grant, names: Names): string {
  const to = URL.canParse(redirectUri) ? new URL(redirectUri).host || redirectUri : redirectUri;
  const who = clientName === undefined ? client : `${clientName} (${client})`;
  return [id, names.get(account) ?? account, who, `at ${to}`, resource, scope, `used ${iso(used)}`].join("  ");
}
