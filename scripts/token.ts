/** `npx gangway token`: prints the tokens that open the services, makes new ones, and rotates them. */
import { WrongUse } from "./kit/arguments.ts";
import { defineVerb } from "./kit/verb.ts";
import { print, tell } from "./kit/print.ts";
import { finish, mastersOf, rotate } from "./token/masters.ts";
import { afterFinish, afterRotation, listTable, serviceTokens, tokenTable } from "./token/report.ts";

const usage = `npx gangway token [<service> | --all [--json] | --valid | new [--name <name> ...] | list | revoke <name> | rotate]

Prints the master token, which opens every service: MCP_BEARER_TOKEN, or else the one that stack local has made for itself.
On stdout alone, so that it can be used: curl -H "Authorization: Bearer $(npx gangway token)"

  <service>          the token of one service, which opens no other; it follows from the master
  --all              the token of each service, as a table; with --json as a document
  --valid            every master that is valid, the newest first: during a rotation there are several
  new                a new token, which nothing uses yet
  new --name <name>  a token of somebody's own, printed once. tokens.json keeps what it opens, and no secret: commit it
    --services         the services that it opens: memory,github (default: all)
    --tools            patterns of their tools: 'read_*,list_*'. Resources and prompts only with @resources and @prompts
    --expires          when it ends: 90d, 12h, or a day as 2027-02-28 (default: never)
  list [--json]      the tokens that have a name
  revoke <name>      take one away
  rotate             put a new master in front, in .env or .gangway/token. The old ones stay valid
  rotate --finish    leave only the newest master
  --help             print this

Exit code: 0 it is done, 1 it is not, 2 for anything else than the above.`;

export const token = defineVerb({
  name: "gangway token",
  usage,
  flags: {
    all: "boolean",
    json: "boolean",
    valid: "boolean",
    finish: "boolean",
    name: "string",
    services: "string",
    tools: "string",
    expires: "string",
  },
  takesNames: true,
  completes: "services",
  run: async ({ all, json, valid, finish: isLast, ...wanted }, names) => {
    const [word] = names;
    refuseStray(wanted, word);
    if (word === "revoke") return print(await revoked(names));
    if (word === "list" && names.length === 1) return print(await listed(json ?? false));
    if (word === "new" && wanted.name !== undefined) return printNew({ ...wanted, name: wanted.name }, names);
    const asked = [word, all && "--all", valid && "--valid"].filter(Boolean);
    if (asked.length > 1 || names.length > 1)
      throw new WrongUse(`got ${[...new Set([...asked, ...names])].join(" and ")}, expected one of them`);
    if (json && !all) throw new WrongUse("--json goes with --all");
    if (isLast && word !== "rotate") throw new WrongUse("--finish goes with rotate");
    if (word === "rotate") return print(await rotation(isLast ?? false));
    if (word === "new") return print((await import("../stacks/tokens.ts")).newToken());
    const { services, masters, pick, isNeededHere } = await readTokens();
    const picked = word === undefined ? services : pick(word);
    const { all: found, isOfDeployment } = masters();
    const [master, ...older] = found;
    if (master === undefined) throw new Error(NONE);
    if (isOfDeployment && !valid && !isNeededHere)
      tell("No token is needed by npm start. The local Docker deployment uses:");
    if (valid) return print([master, ...older].join("\n"));
    const tokens = serviceTokens(master, picked);
    if (all) return print(json ? JSON.stringify({ services: tokens }) : tokenTable(tokens));
    const [own] = word === undefined ? [] : tokens;
    print(own?.token ?? master);
  },
});

/** No token is made as a side effect of asking for one. */
const NONE =
  "no token is in force. npm start needs none; the local Docker deployment makes one of its own (npx gangway deploy local). " +
  "To have one of your own everywhere: npx gangway token new, and put it into .env as MCP_BEARER_TOKEN";

type Wanted = { readonly [Flag in "name" | "services" | "tools" | "expires"]?: string | undefined };

/** What a new token opens goes with `new --name` alone. */
function refuseStray({ name, ...more }: Wanted, word: string | undefined): void {
  const [flag] = Object.entries({ name, ...more }).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  if (word !== "new") throw new WrongUse(`--${flag} goes with new`);
  if (name === undefined) throw new WrongUse(`--${flag} goes with --name`);
}

async function listed(isDocument: boolean): Promise<string> {
  const { readTokenList } = await import("../stacks/token-list.ts");
  const list = readTokenList();
  if (isDocument) return JSON.stringify({ tokens: list });
  return Object.keys(list).length === 0 ? NOT_ONE : listTable(list);
}

async function printNew(wanted: Wanted & { readonly name: string }, names: readonly string[]): Promise<void> {
  if (names.length > 1) throw new WrongUse(`got ${names[1]}, expected flags after new`);
  const { add } = await import("./token/named.ts");
  const { all } = await readServices();
  const { isAskedHere } = await readTokens();
  const { token, notice } = asWrongUse(() => add(wanted, all));
  print(token);
  tell(notice);
  if (!isAskedHere) tell(OPEN);
}

/** A token that restricts somebody restricts nobody where none is asked for. */
const OPEN =
  "npm start asks nobody for a token as long as MCP_BEARER_TOKEN is not set in .env. To make one: npx gangway token new";

async function revoked([, name, more]: readonly string[]): Promise<string> {
  if (name === undefined || more !== undefined)
    throw new WrongUse("revoke takes the name of one token: npx gangway token list");
  const { revoke } = await import("./token/named.ts");
  return asWrongUse(() => revoke(name));
}

function asWrongUse<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
}

const NOT_ONE =
  "no token has a name yet: npx gangway token new --name ci --services memory --tools 'read_*' --expires 90d";

/** Imported at run time, so that a mistake in the catalog is reported like any other. */
async function readServices() {
  const { readCatalog } = await import("../stacks/catalog/read.ts");
  const { readSettings } = await import("../stacks/settings.ts");
  const all = Object.values(await readCatalog());
  return { all, settings: readSettings(all) };
}

/** The services that ask for a token, and what opens them. */
async function readTokens() {
  const { all, settings } = await readServices();
  const { pickServices } = await import("../stacks/catalog/pick.ts");
  const { asksForToken, keptTokens } = await import("../stacks/tokens.ts");
  const { hasKeyHost } = await import("../stacks/settings/auth.ts");
  const services = all.filter(asksForToken);
  /** Where services take tokens beside logins, so does npm start. */
  const isNeededHere = services.some((service) => hasKeyHost(settings.auth(service)));
  return {
    services,
    isNeededHere,
    isAskedHere: isNeededHere || settings.bearerTokens.length > 0,
    masters: () => {
      const set = settings.bearerTokens;
      return set.length > 0 ? { all: set, isOfDeployment: false } : { all: keptTokens(), isOfDeployment: true };
    },
    pick: (name: string) => {
      try {
        return pickServices(Object.fromEntries(services.map((service) => [service.name, service])), [name]);
      } catch (error) {
        throw new WrongUse((error as Error).message);
      }
    },
  };
}

async function rotation(isLast: boolean): Promise<string> {
  const { settings } = await readServices();
  const masters = mastersOf(settings);
  if (!isLast) return afterRotation(masters.where, rotate(masters));
  const gone = finish(masters);
  return gone > 0 ? afterFinish(masters.where, gone) : `${masters.where} has one token, so there is nothing to finish`;
}
