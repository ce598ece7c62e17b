/** What `auth: "verify"` needs: a verifier, whom it admits, and where the caller's token goes. */
import { resolve } from "node:path";
import { isVerifier } from "../auth/verifiers/names.ts";
import { ConfigError, type ServiceConfig } from "../config.ts";
import type { Spelling } from "./logins.ts";
import { formProblem } from "./tokens.ts";
import { VERIFIER } from "./units.ts";

/** What a reader of the configuration knows besides the service. */
export interface VerifySource {
  /** What has set `auth`. */
  readonly where: string;
  /** How the reader writes an option. */
  readonly spelled: Spelling;
  /** What paths are relative to. */
  readonly folder: string;
  /** The variable of the secret whose place the caller's token takes, if that is set. */
  readonly asked: string | undefined;
  /** The variables of the server's secrets, where it is a process. */
  readonly secrets: readonly string[];
}

/**
 * A service with its verifier and its secret filled in; one with another kind of auth as it is.
 * @throws ConfigError that says what is missing
 */
export function withVerifier(config: ServiceConfig, source: VerifySource): ServiceConfig {
  const { server } = config;
  if (!config.auth.includes("verify") || server.kind === "needs" || server.kind === "failed") return config;
  const verify = verifierFor(config, source);
  requireOwnServers(config, source);
  const verifySecret = server.kind === "stdio" ? variableFor(source) : undefined;
  const whole = { ...config, verify, verifySecret };
  requireSomebody(whole, source);
  return whole;
}

/** A service that is called as one of our verifiers has that one. @throws ConfigError */
function verifierFor({ verify, name }: ServiceConfig, { where, spelled, folder }: VerifySource): string {
  if (verify !== undefined) return isVerifier(verify) ? verify : resolve(folder, verify);
  if (isVerifier(name)) return name;
  throw new ConfigError(`${where}: got verify without an API: set ${spelled("verify")} to ${VERIFIER}`);
}

/**
 * A process that all share has one secret: whoever may call would act with it, also one whose own token may do less.
 * @throws ConfigError
 */
function requireOwnServers({ isolation, server }: ServiceConfig, { where }: VerifySource): void {
  if (server.kind === "group")
    throw new ConfigError(`${where}: got verify for a group, expected it at its services: a group has no API`);
  if (isolation === "shared")
    throw new ConfigError(
      `${where}: got verify with isolation shared, expected session: one server for all would act with one token, and not with that of its caller`,
    );
}

/** @throws ConfigError */
function variableFor({ asked, secrets, where, spelled }: VerifySource): string {
  if (asked !== undefined) return asked;
  if (secrets.length === 1) return secrets[0]!;
  const found = secrets.length === 0 ? "none" : secrets.join(" and ");
  throw new ConfigError(
    `${where}: got verify for a server with ${found} as its secret: set ${spelled("verifySecret")} to the variable that it reads the token of the API from`,
  );
}

/** @throws ConfigError */
function requireSomebody(config: ServiceConfig, { where, spelled }: VerifySource): void {
  const secret = ownSecretOf(config);
  if (secret === undefined && config.verifyAllow.length === 0)
    throw new ConfigError(
      `${where}: got verify without anybody who may call: set the service's own secret, whose account may, or name accounts in ${spelled("verifyAllow")}`,
    );
  const problem = secret && formProblem(secret.value);
  if (problem !== undefined)
    throw new ConfigError(`${where}: the value of ${secret!.name} ${problem}, so it can be no token of an API`);
}

/** The service's own secret at its API; undefined where it has none. */
export function ownSecretOf({ server, verifySecret }: ServiceConfig): { name: string; value: string } | undefined {
  if (server.kind === "stdio") {
    const value = verifySecret === undefined ? undefined : server.env[verifySecret]?.trim();
    return value ? { name: verifySecret!, value } : undefined;
  }
  if (server.kind !== "http" && server.kind !== "sse") return undefined;
  const [name, header] = Object.entries(server.headers).find(([name]) => /^authorization$/i.test(name)) ?? [];
  const value = /^Bearer +(\S+)$/i.exec(header?.trim() ?? "")?.[1];
  return value === undefined ? undefined : { name: `its ${name} header`, value };
}
