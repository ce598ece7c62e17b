/** What an entry with `auth: "verify"` says besides: which API checks callers' tokens, and which secret is a token of it. */
import { basename, isAbsolute, join } from "node:path";
import { isVerifier, VERIFIERS } from "../../gateways/auth/verifiers/names.ts";
import type { GatewayEntryOptions } from "./gateway-options.ts";
import { kinds } from "./kinds/registry.ts";
import { type Entries, type Entry, isRecord, secretsOf, unexpected } from "./problem.ts";

type Verifying = Pick<GatewayEntryOptions, "auth" | "verify"> & {
  readonly secrets: readonly string[];
  readonly optionalSecrets: readonly string[];
};

/** Whether callers show their own token of the API. */
export const usesVerify = ({ auth }: Pick<GatewayEntryOptions, "auth">): boolean => kindsIn(auth).includes("verify");

/** The variable of the server that gets the caller's token; undefined = callers are not verified so, or it has no secret. */
export const verifySecretOf = (service: Verifying): string | undefined =>
  usesVerify(service) ? [...service.secrets, ...service.optionalSecrets][0] : undefined;

/** The token with which we call a service ourselves that takes those of its API alone: its own secret, where that is set. */
export function ownToken(
  service: Verifying | undefined,
  settings: { value(name: string): string | undefined },
): readonly string[] {
  if (service === undefined || kindsIn(service.auth).includes("bearer")) return [];
  const name = verifySecretOf(service);
  const value = name === undefined ? undefined : settings.value(name);
  return value === undefined ? [] : [value];
}

/**
 * The variable in which callers have their own token of the API, where nothing else opens the service: the one that its server
 * has its token in. Undefined = it takes tokens of ours.
 */
export function callersVariable(
  service: Verifying | undefined,
  settings: { value(name: string): string | undefined },
): string | undefined {
  const auth = service?.auth ?? settings.value("AUTH");
  if (service === undefined || auth === undefined || kindsIn(auth).includes("bearer")) return undefined;
  return verifySecretOf({ ...service, auth: auth as Verifying["auth"] });
}

/** The file of the project's own verifier; undefined = it has none. @param project what its path is relative to */
export function verifyModule(service: Verifying, project: string): string | undefined {
  const { verify } = service;
  if (!usesVerify(service) || verify === undefined || isVerifier(verify)) return undefined;
  return isAbsolute(verify) ? verify : join(project, verify);
}

/** Where that file is in an image, below the folder of the gateway. */
export const inImage = (module: string): string => `verify/${basename(module)}`;

const kindsIn = (auth: unknown): string[] =>
  (Array.isArray(auth) ? auth : [auth]).flatMap((kind) => (typeof kind === "string" ? kind.split(/[\s,]+/) : []));

/** What is wrong with the entries that have it. */
export function verifyProblems(entries: Entries): string[] {
  const grouped = new Set(Object.values(entries).flatMap(membersIn));
  return Object.entries(entries).flatMap(([name, entry]) => {
    if (!isRecord(entry)) return [];
    const kindsOf = kindsIn(entry["auth"]);
    const problems = kindsOf.includes("verify") ? problemsOf(name, entry) : withoutEffect(entry);
    const isShut = grouped.has(name) && kindsOf.includes("verify") && !kindsOf.includes("bearer");
    if (isShut)
      problems.push(unexpected("auth", entry["auth"], '["verify", "bearer"]: a group calls it with its own token'));
    return problems.map((problem) => `${name}: ${problem}`);
  });
}

function problemsOf(name: string, entry: Entry): string[] {
  const { verify, verifyAllow, isolation } = entry;
  const secrets = secretsOf(entry);
  const role = isRecord(entry["server"]) ? kinds.get(String(entry["server"]["kind"]))?.role : undefined;
  const admitsNobody = secrets.length === 0 && !(Array.isArray(verifyAllow) && verifyAllow.length > 0);
  return [
    ...(verify === undefined && !isVerifier(name)
      ? [`verify is missing, expected ${VERIFIERS.join(", ")} or the path of a module, with auth: "verify"`]
      : []),
    ...(isolation === "shared"
      ? ['isolation is "shared", expected "session" with auth: "verify": one server for all would act with one token']
      : []),
    ...(role === "group" ? ['auth is "verify", expected it in the entries of its members: a group has no API'] : []),
    ...(role !== "group" && role === "stdio" && secrets.length === 0
      ? ['secrets is empty, expected the variable that gets the caller\'s token, with auth: "verify"']
      : []),
    ...(role !== "group" && role !== "stdio" && admitsNobody
      ? ['nobody may call, expected a secret, whose account may, or verifyAllow, with auth: "verify"']
      : []),
  ];
}

const withoutEffect = (entry: Entry): string[] =>
  ["verify", "verifyAllow"]
    .filter((option) => entry[option] !== undefined)
    .map((option) => unexpected(option, entry[option], 'auth: "verify" with it'));

const membersIn = (entry: unknown): string[] => {
  const server = isRecord(entry) ? entry["server"] : undefined;
  const members = isRecord(server) ? server["members"] : undefined;
  return Array.isArray(members) ? members.map(String) : [];
};
