/** What logins add to `npm start`: an authorization server beside the gateway, and what each of the two is told of the other. */
import { mkdirSync } from "node:fs";
import type { Resource } from "../../auth-server/resources.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { HUB_SERVICE, hubLoginAtStart, publicUrl as publicUrlIn } from "../../stacks/deployed.ts";
import { resourcesOf, usesAuthServer } from "../../stacks/logins.ts";
import { hasKeyHost, isLogin } from "../../stacks/settings/auth.ts";
import type { Settings } from "../../stacks/settings.ts";
import { loginVariables, UPSTREAM_SECRET } from "../../stacks/settings/variables.ts";
import { digestOf, introspectionSecret, masterTokens } from "../../stacks/tokens.ts";
import { authVariables, issuerHere, writePrivate, writeSecret } from "../kit/auth-server.ts";
import { folder } from "../kit/folder.ts";
import { isTaken, takenPort } from "../kit/ports.ts";
import { reference } from "./plan.ts";

/** The services whose callers log in at our own authorization server. */
export const withLogins = (services: readonly Service[], settings: Settings): Service[] =>
  services.filter((service) => usesAuthServer(service, settings));

/** The tokens that open services here. Beside logins there is always one: it is made when none is set. */
export function tokensHere(service: Service, settings: Settings): readonly string[] {
  return hasKeyHost(settings.auth(service)) ? masterTokens(settings, "local") : settings.bearerTokens;
}

/** What gateway.json says of the logins of a service; nothing where it has none. What stands there for an app() asks nobody. */
export function loginOptions(service: Service, settings: Settings): Readonly<Record<string, unknown>> {
  const kinds = settings.auth(service);
  if (kinds.length === 0) return { auth: "bearer" }; // AUTH is not for it: without a token there could be no oauth,bearer
  if (!isLogin(kinds)) return {};
  const publicUrl = urlHere(settings)(service);
  if (!usesAuthServer(service, settings)) return { publicUrl };
  const authSecret = reference(secretVariable(service));
  return { publicUrl, authIssuer: issuerHere(settings.authPort), authSecret };
}

/** The same of the whole gateway: the port where it takes tokens, and the logins to all services as one. */
export function loginOptionsOfHub(services: readonly Service[], settings: Settings): Readonly<Record<string, unknown>> {
  const isKeyed = services.some((service) => hasKeyHost(settings.auth(service)));
  const keyPort = isKeyed ? { keyPort: settings.hubKeyPort } : {};
  if (hubLoginAtStart(services, settings) === undefined) return keyPort;
  const publicUrl = hubUrl(settings);
  if (settings.ownIssuer({}) !== undefined) return { ...keyPort, publicUrl };
  if (withLogins(services, settings).length === 0) return keyPort;
  const authSecret = reference(secretVariable({ name: HUB_SERVICE }));
  return { ...keyPort, publicUrl, authIssuer: issuerHere(settings.authPort), authSecret };
}

/** The secrets that gateway.json refers to: with each of them the gateway asks about the tokens of one service. */
export function loginSecrets(services: readonly Service[], settings: Settings): Readonly<Record<string, string>> {
  const names = resourcesHere(services, settings).map(({ service }) => service);
  const [master] = names.length === 0 ? [] : masterTokens(settings, "local");
  return Object.fromEntries(names.map((name) => [secretVariable({ name }), introspectionSecret(master!, name)]));
}

/** Where the people log in, and how the authorization server runs. */
export interface Prepared {
  readonly issuer: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Writes what the authorization server knows of the services.
 * @throws Error that says who has its port
 */
export async function prepareLogins(services: readonly Service[], settings: Settings): Promise<Prepared> {
  const { authPort } = settings;
  if (await isTaken(authPort)) throw new Error(await takenPort(authPort, "AUTH_PORT"));
  mkdirSync(folder.auth, { recursive: true, mode: 0o700 });
  writePrivate(folder.resources, JSON.stringify(resourcesHere(services, settings), null, 2));
  const variables = authVariables({ authPort, value: (name) => settings.value(name) });
  return { issuer: issuerHere(authPort), variables: { ...variables, ...upstreamOf(settings) } };
}

/** Each service at its own port and on the hub, and where they have logins all as one. */
export function resourcesHere(services: readonly Service[], settings: Settings): Resource[] {
  const ours = resourcesOf(services, settings, "local", urlHere(settings));
  const onHub = (name: string) => hubUrl(settings).replace(/mcp$/, `${name}/mcp`);
  const each = ours.map((resource) => ({ ...resource, urls: [...resource.urls, onHub(resource.service)] }));
  if (ours.length === 0 || hubLoginAtStart(services, settings) === undefined) return each;
  const secretDigests = masterTokens(settings, "local").map((master) =>
    digestOf(introspectionSecret(master, HUB_SERVICE)),
  );
  return [...each, { service: HUB_SERVICE, urls: [hubUrl(settings)], secretDigests, groups: [], tools: [] }];
}

/** Where all services are one. */
const hubUrl = ({ hubPort }: Settings) => `http://127.0.0.1:${hubPort}/mcp`;

/** The URL that the summary prints, and clients are given: tokens are for it. */
const urlHere = (settings: Settings) => publicUrlIn(settings, "local");

/** A variable of the gateway. */
const secretVariable = ({ name }: Pick<Service, "name">) =>
  `INTROSPECTION_SECRET_${name.toUpperCase().replaceAll("-", "_")}`;

/** The login of another provider, if there is one. Its secret is read from a file. */
function upstreamOf(settings: Settings): Record<string, string> {
  const given = loginVariables.flatMap((name) => {
    const value = settings.value(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const secret = settings.value(UPSTREAM_SECRET);
  if (secret === undefined) return Object.fromEntries(given);
  return { ...Object.fromEntries(given), UPSTREAM_CLIENT_SECRET_FILE: writeSecret("upstream-secret", secret) };
}
