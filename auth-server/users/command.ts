/** `users list|add|reset|remove|disable|enable`: the operator's way to the users, also while the server runs. */
import { parseArgs } from "node:util";
import { printable } from "../../gateways/printable.ts";
import { BadName } from "./names.ts";
import { BadPassword, hashPassword, requirePassword } from "./passwords.ts";
import { totpUri } from "./totp.ts";
import type { User } from "../store/contract/users.ts";
import { LINK_LIFE, UserError, type Users } from "./users.ts";

export const USERS_USAGE = `users list [--json]
users add <name> [--team <team>]... [--totp] [--link] [--json]
users reset <name> [--totp] [--link] [--json]
users remove <name> [--json]
users disable <name> | enable <name> [--json]

  <name>   an e-mail address, or a name
  --team   a team of the user, which an entry's allow may name; several times for several
  --totp   asks for a code of an authenticator app at each login, too
  --link   prints a link with which the user sets the password, so that nobody else knows it. It works once, for 24 hours
  --json   prints JSON

Without --link the password is the first line of stdin, or asked for on a terminal. reset and remove end the user's grants at once.`;

/** What the command works with. */
export interface UsersParts {
  readonly users: Users;
  /** The public URL of the server, for links. */
  readonly issuer: string;
  /** Ends all grants of a user, also in the running server. @returns how many */
  readonly endGrants: (userId: string) => Promise<number>;
  readonly readPassword: () => Promise<string>;
  /** Writes to stdout. */
  readonly print: (text: string) => void;
}

/** Wrong use of the command: exit code 2. */
export class WrongUse extends Error {}

/** @returns the exit code: 1 = it was refused, 2 = wrong use */
export async function runUsers(
  argv: readonly string[],
  parts: UsersParts,
  tell: (text: string) => void,
): Promise<0 | 1 | 2> {
  try {
    const call = readCall(argv);
    const outcome = await COMMANDS[call.verb](call, parts);
    parts.print(call.json ? JSON.stringify(outcome.json) : outcome.text);
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUse || isRefusal(error))) throw error;
    tell(error.message);
    return error instanceof WrongUse ? 2 : 1;
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof UserError || error instanceof BadName || error instanceof BadPassword;

interface Outcome {
  readonly json: unknown;
  readonly text: string;
}

interface Call {
  readonly verb: Verb;
  readonly name: string;
  readonly teams: readonly string[];
  readonly totp: boolean;
  readonly link: boolean;
  readonly json: boolean;
}

type Verb = "list" | "add" | "reset" | "remove" | "disable" | "enable";

const FLAGS = {
  team: { type: "string", multiple: true },
  totp: { type: "boolean", default: false },
  link: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

function readCall(argv: readonly string[]): Call {
  const { values, positionals } = parsed(argv);
  const [verb = "", name = "", ...more] = positionals;
  const isComplete = verb === "list" ? name === "" : name !== "";
  if (!Object.hasOwn(COMMANDS, verb) || !isComplete || more.length > 0) throw new WrongUse(USERS_USAGE);
  return { ...values, verb: verb as Verb, name, teams: values.team ?? [] };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new WrongUse(`${(error as Error).message}\n\n${USERS_USAGE}`);
  }
}

const COMMANDS: Record<Verb, (call: Call, parts: UsersParts) => Promise<Outcome>> = {
  list: async (_, { users }) => {
    const all = await users.list();
    return { json: all.map(shown), text: all.length === 0 ? "There are no users yet." : all.map(lineOf).join("\n") };
  },
  add: async (call, parts) => {
    const password = await passwordFor(call, parts);
    const user = await parts.users.add({ name: call.name, teams: call.teams, totp: call.totp, password });
    return withKeys(user, `Added ${user.name}.`, call, parts);
  },
  reset: async (call, parts) => {
    const { id, totp } = await parts.users.require(call.name);
    const password = await passwordFor(call, parts);
    const user = await parts.users.reset(id, call.totp || totp !== undefined, password);
    const ended = await parts.endGrants(id);
    return withKeys(user, `Reset ${user.name}. ${grants(ended)}`, call, parts);
  },
  remove: async ({ name }, { users, endGrants }) => {
    const user = await users.require(name);
    await users.remove(user.id);
    const ended = await endGrants(user.id);
    return { json: { removed: user.name, endedGrants: ended }, text: `Removed ${user.name}. ${grants(ended)}` };
  },
  disable: async ({ name }, { users, endGrants }) => {
    const user = await users.require(name);
    await users.setDisabled(user.id, true);
    const ended = await endGrants(user.id);
    return { json: { disabled: user.name, endedGrants: ended }, text: `Disabled ${user.name}. ${grants(ended)}` };
  },
  enable: async ({ name }, { users }) => {
    const user = await users.require(name);
    await users.setDisabled(user.id, false);
    return { json: { enabled: user.name }, text: `Enabled ${user.name}.` };
  },
};

const grants = (count: number) => (count === 1 ? "One grant has ended." : `${count} grants have ended.`);

/** The hash of the password that is to be set; undefined where the user sets it by a link. */
async function passwordFor({ link }: Call, { readPassword }: UsersParts): Promise<string | undefined> {
  if (link) return undefined;
  const password = await readPassword();
  requirePassword(password);
  return hashPassword(password);
}

/** What the user must be given, once: a link, or what an authenticator app needs. */
async function withKeys(user: User, done: string, { link }: Call, parts: UsersParts): Promise<Outcome> {
  const { users, issuer } = parts;
  if (link) {
    const url = `${issuer}/login/password/${await users.newLink(user.id)}`;
    const note = `Give this link to ${user.name}. It works once, for ${LINK_LIFE / 3_600_000} hours:\n${url}`;
    return { json: { ...shown(user), link: url }, text: `${done}\n${note}` };
  }
  if (user.totp === undefined) return { json: shown(user), text: done };
  const totp = totpUri(user.totp.secret, user.name, new URL(issuer).host);
  const recoveryCodes = await users.newRecoveryCodes(user.id);
  const note = `For the authenticator app of ${user.name}:\n${totp}\nRecovery codes, each for one login:\n${recoveryCodes.join("\n")}`;
  return { json: { ...shown(user), totp, recoveryCodes }, text: `${done}\n${note}` };
}

const iso = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());

/** A user without what only the user may know. */
const shown = (user: User) => ({
  name: user.name,
  teams: user.teams,
  id: user.id,
  hasPassword: user.password !== undefined,
  totp: user.totp !== undefined,
  created: iso(user.created),
  lastLogin: iso(user.lastLogin),
  disabled: user.isDisabled,
});

function lineOf(user: User): string {
  const facts = [
    user.teams.length > 0 && `teams: ${user.teams.join(", ")}`,
    user.totp && "with an authenticator app",
    user.password === undefined && "has set no password",
    user.lastLogin === undefined ? "has never logged in" : `last login ${iso(user.lastLogin)}`,
    user.isDisabled && "disabled",
  ];
  return printable([user.name, ...facts.filter(Boolean)].join("  "));
}
