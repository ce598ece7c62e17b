/** From a service's configuration to what verifies its callers' own tokens. */
import { hash } from "node:crypto";
import { VerifyAuth } from "./auth/verify.ts";
import { verifierOf } from "./auth/verifiers/load.ts";
import type { GatewayConfig, ServerConfig, ServiceConfig } from "./config.ts";
import { ownSecretOf } from "./config/verify.ts";
import type { Logger } from "./log.ts";

/** Undefined where callers do not prove who they are in this way, or the service cannot run. */
export function verifyAuthOf(config: ServiceConfig, gateway: GatewayConfig, log: Logger): VerifyAuth | undefined {
  const { auth, verify, verifyAllow: allow } = config;
  if (!auth.includes("verify") || verify === undefined) return undefined;
  const isOther = otherSecrets(config, gateway);
  return new VerifyAuth({ verifier: verifierOf(verify), secret: ownSecretOf(config), allow, isOther, log });
}

/** What opens this gateway, and what its other services show to other APIs: this service's API must not be shown it. */
function otherSecrets(own: ServiceConfig, gateway: GatewayConfig): (token: string) => boolean {
  const others = gateway.services.filter(({ name, verify }) => name !== own.name && verify !== own.verify);
  const opening = [gateway, ...gateway.services];
  const digests = new Set([
    ...opening.flatMap(({ tokens }) => tokens.map(digestOf)),
    ...opening.flatMap(({ tokenDigests }) => tokenDigests),
    ...others.flatMap(({ server }) => valuesIn(server).map(digestOf)),
  ]);
  return (token) => digests.has(digestOf(token));
}

function valuesIn(server: ServerConfig): string[] {
  if (server.kind === "stdio") return Object.values(server.env);
  if (server.kind !== "http" && server.kind !== "sse") return [];
  return Object.values(server.headers).map((header) => header.replace(/^Bearer +/i, ""));
}

const digestOf = (token: string) => hash("sha256", token, "hex");
