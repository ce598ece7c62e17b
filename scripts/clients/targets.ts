/** Which services clients can connect to, and at which URLs. */
import { MASTER_VARIABLE, variableOf } from "../../templates/clients/variable.ts";
import type { Login } from "../../stacks/deployed.ts";
import type { Target } from "../../templates/clients/format.ts";
import { folder } from "../kit/folder.ts";
import { askHub } from "../kit/hub.ts";
import { whoRuns } from "../kit/running.ts";

/** `local`: npm start; `local-docker`: stack `local` in this machine's Docker; `production`: under DOMAIN. */
export const environments = ["local", "local-docker", "production"] as const;

export type Environment = (typeof environments)[number];

/** What the hub is called in a client's list of servers, where all services are one. */
export const HUB = "gangway";

/** A service of an environment. */
export interface Reachable {
  readonly target: Target;
  /** Why nobody can connect yet: a secret that is missing. */
  readonly needs?: string | undefined;
}

/** The services of an environment, and after them the hub of npm start as one more. @throws Error when there is no DOMAIN */
export async function reachableIn(environment: Environment): Promise<readonly Reachable[]> {
  const { all, settings, deployedServices, hubLoginAtStart, loginAtStart, kindOf, callersVariable } =
    await readServices();
  const hasTools = (name: string) => all.some((one) => one.name === name && kindOf(one.server).role !== "app");
  const isAsked = environment !== "local" || settings.bearerTokens.length > 0;
  const tokenIn = (variable: string) => (isAsked ? { token: { variable } } : {});
  const services =
    environment === "local"
      ? ((await startedServices())?.filter(({ name }) => hasTools(name)) ??
        deployedServices("local-docker", all, settings))
      : deployedServices(environment, all, settings);
  const loginOf = (name: string) => {
    const service = all.find((one) => one.name === name);
    if (service === undefined) return undefined;
    return environment === "local"
      ? loginAtStart(service, settings)
      : deployedServices(environment, [service], settings)[0]?.login;
  };
  const found = services.map(({ name, url, needs }): Reachable => {
    const variable = callersVariable(
      all.find((one) => one.name === name),
      settings,
    );
    const token = variable === undefined ? tokenIn(variableOf(name)) : { token: { variable, isOwn: true } };
    const ways = waysIn(loginOf(name), token, variableOf(name));
    return { target: { name, url, ...ways }, needs: needs ?? undefined };
  });
  if (environment !== "local" || services.some(({ name }) => name === HUB)) return found;
  const hub = whoRuns(folder.running)?.hub ?? `http://127.0.0.1:${settings.hubPort}`;
  const login = hubLoginAtStart(all, settings);
  const ways = waysIn(login, tokenIn(MASTER_VARIABLE), MASTER_VARIABLE);
  return [...found, { target: { name: HUB, url: `${hub}/mcp`, ...ways } }];
}

/** With logins a service takes tokens only where it has another URL for them. */
function waysIn(
  login: Pick<Login, "keyUrl"> | undefined,
  tokens: Pick<Target, "token">,
  variable: string,
): Partial<Target> {
  if (login === undefined) return tokens;
  if (login.keyUrl === undefined) return { hasLogin: true };
  return { hasLogin: true, token: { variable }, keyUrl: login.keyUrl };
}

/**
 * With the tokens themselves, for a client that cannot read them from a variable.
 * @throws Error when there is none yet
 */
export async function withTokens(targets: readonly Target[], environment: Environment): Promise<readonly Target[]> {
  const { settings } = await readServices();
  const { keptTokens, serviceToken } = await import("../../stacks/tokens.ts");
  const [master] =
    settings.bearerTokens.length > 0 || environment === "production" ? settings.bearerTokens : keptTokens();
  return targets.map(({ token, ...target }) => {
    if (token === undefined) return target;
    if (token.isOwn) return { ...target, token: { ...token, value: settings.value(token.variable) } };
    if (master === undefined)
      throw new Error(`there is no token for ${target.name} yet: deploy first, or set MCP_BEARER_TOKEN`);
    const value = token.variable === MASTER_VARIABLE ? master : serviceToken(master, target.name);
    return { ...target, token: { ...token, value } };
  });
}

/** Whether something can be deployed under a domain. */
export async function hasDomain(): Promise<boolean> {
  return (await readServices()).settings.value("DOMAIN") !== undefined;
}

/** Those of a running npm start know where they are: one whose port was taken is on the hub alone. */
async function startedServices() {
  const running = whoRuns(folder.running);
  return running === undefined ? undefined : (await askHub(running.hub))?.services;
}

/** Imported at run time, so that a mistake in the catalog is reported like any other. */
async function readServices() {
  const { readCatalog } = await import("../../stacks/catalog/read.ts");
  const { readSettings } = await import("../../stacks/settings.ts");
  const { deployedServices, hubLoginAtStart, loginAtStart } = await import("../../stacks/deployed.ts");
  const { kindOf } = await import("../../stacks/catalog/kinds/registry.ts");
  const { callersVariable } = await import("../../stacks/catalog/verify.ts");
  const all = Object.values(await readCatalog());
  const settings = readSettings(all);
  return { all, settings, deployedServices, hubLoginAtStart, loginAtStart, kindOf, callersVariable };
}
