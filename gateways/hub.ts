/** The hub's own service, which is all of its services as one. */
import { readOptions, serviceOptions, type GatewayConfig, type ServiceConfig } from "./config.ts";
import { VERSION } from "./version.ts";

/** Groups last: their members are there by then. */
export const groupsLast = (services: readonly ServiceConfig[]) =>
  services.toSorted((one, other) => Number(one.server.kind === "group") - Number(other.server.kind === "group"));

/**
 * The hub's own service: a group of all servers. Any of their tokens opens it, for what that token opens. Logins of its own it
 * has where the top of the configuration says all that they need.
 */
export function allAsOne(config: GatewayConfig): ServiceConfig {
  const { services, files: _, hint: __, warnings: ___, notes: ____, ...shared } = config;
  const servers = services.filter(({ server }) => server.kind !== "group");
  const values = {
    ...readOptions(
      serviceOptions,
      () => undefined,
      (key) => key,
    ),
    ...shared,
  };
  return {
    ...values,
    auth: values.authIssuer !== undefined && values.publicUrl !== undefined ? values.auth : ["bearer"],
    stateDir: undefined,
    tools: [],
    name: "hub",
    version: VERSION,
    server: { kind: "group", members: servers.map(({ name }) => ({ name })) },
    port: undefined,
    allow: undefined, // each service has its own
    tokens: servers.flatMap(({ tokens }) => tokens),
    tokenDigests: servers.flatMap(({ tokenDigests }) => tokenDigests),
    namedTokens: servers.flatMap(({ namedTokens }) => namedTokens),
  };
}
