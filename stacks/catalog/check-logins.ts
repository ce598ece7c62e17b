/** What can be wrong with how callers prove who they are, besides words that are none: ways that exclude each other, and names. */
import { AUTH_SERVER, keyLabel } from "./containers.ts";
import { hasKeyHost, isLogin, kindsIn } from "../settings/auth.ts";
import { type Entries, type Entry, isRecord, unexpected } from "./problem.ts";

/** Options that concern tokens of an issuer of one's own. */
const ofIssuers = ["authAudience", "authClaim"] as const;

/** Options of one entry that exclude each other, or that would have no effect. */
export function loginContradictions(entry: Entry): string[] {
  const { auth, authIssuer, acceptServiceToken } = entry;
  const kinds = kindsOf(entry);
  const loginAlone = isLogin(kinds) && !kinds.includes("bearer");
  return [
    ...(kinds.includes("verify") && isLogin(kinds)
      ? [
          unexpected(
            "auth",
            auth,
            '"oauth" or "verify", not both: whose a token is must be plain before anybody is asked about it',
          ),
        ]
      : []),
    ...(loginAlone && acceptServiceToken !== undefined && acceptServiceToken !== false
      ? [
          unexpected(
            "acceptServiceToken",
            acceptServiceToken,
            'auth: ["oauth", "bearer"] with it: with "oauth" alone no token opens it',
          ),
        ]
      : []),
    ...(authIssuer !== undefined && !isLogin(kinds)
      ? [unexpected("authIssuer", authIssuer, 'auth: "oauth" with it')]
      : []),
    ...ofIssuers.flatMap((option) =>
      entry[option] !== undefined && !isLogin(kinds)
        ? [unexpected(option, entry[option], 'auth: "oauth" with it')]
        : [],
    ),
  ];
}

/** A service, as far as names are decided by it. */
export interface Named {
  readonly name: string;
  /** Undefined: it has none. */
  readonly hostname: string | undefined;
  /** Whether its callers log in at our authorization server. */
  readonly logins: boolean;
  /** Whether it takes tokens at a host of its own beside them. */
  readonly keyHost: boolean;
}

/** Names that an authorization server, or the host for tokens of a service, has already. */
export function takenNames(services: readonly Named[]): string[] {
  const first = services.find(({ logins }) => logins);
  return [
    ...(first ? services.flatMap((service) => takenByServer(service, first)) : []),
    ...services.filter(({ keyHost }) => keyHost).flatMap((service) => takenByKeys(service, services)),
  ];
}

/** The same of the entries alone: what `AUTH` adds is not known here. */
export function takenNamesIn(entries: Entries): string[] {
  return takenNames(
    Object.entries(entries).flatMap(([name, entry]) => (isRecord(entry) ? [namesOf(name, entry)] : [])),
  );
}

function namesOf(name: string, entry: Entry): Named {
  const kinds = kindsOf(entry);
  const isHidden = isRecord(entry["server"]) && entry["server"]["public"] === false;
  return {
    name,
    hostname: isHidden ? undefined : typeof entry["hostname"] === "string" ? entry["hostname"] : name,
    logins: isLogin(kinds) && entry["authIssuer"] === undefined,
    keyHost: hasKeyHost(kinds),
  };
}

function takenByServer({ name, hostname }: Named, first: Named): string[] {
  const expected = `another one: the authorization server, where callers of ${first.name} log in, is called so`;
  if (OF_SERVER.has(name)) return [`${name}: ${unexpected("the key", name, expected)}`];
  return hostname === AUTH_SERVER ? [`${name}: ${unexpected("hostname", hostname, expected)}`] : [];
}

/** Its container, image, port and secrets. */
const OF_SERVER: ReadonlySet<string> = new Set(["", "-image", "-port", "-secrets"].map((part) => AUTH_SERVER + part));

function takenByKeys({ name, hostname = name }: Named, services: readonly Named[]): string[] {
  if (hostname.endsWith("-key"))
    return [
      `${name}: ${unexpected("hostname", hostname, `one that does not end in -key: a service with logins and tokens takes tokens at <hostname>-key`)}`,
    ];
  const taken = [keyLabel(name), `${keyLabel(name)}-port`];
  return services.flatMap((other) => {
    if (taken.includes(other.name))
      return [`${other.name}: ${unexpected("the key", other.name, `another one: a part of ${name} is called so`)}`];
    if (other.hostname !== keyLabel(hostname)) return [];
    return [`${other.name}: ${unexpected("hostname", other.hostname, `another one: ${name} takes tokens there`)}`];
  });
}

/** None where the entry does not say it, or not in words: then something else is wrong with it. */
function kindsOf({ auth }: Entry): readonly string[] {
  const written = [auth].flat();
  return written.every((word) => typeof word === "string") ? kindsIn(written) : [];
}
