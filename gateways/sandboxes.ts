/** Which services have a sandbox for their server here, and what is said of those that have none. */
import { basename } from "node:path";
import type { Sandbox } from "./bridge/child.ts";
import { findSandbox, type Bubblewrap, type NoSandbox } from "./bridge/sandbox/find-sandbox.ts";
import { ConfigError, type ServiceConfig } from "./config.ts";
import { isMainInContainer } from "./config/environment.ts";

type Asked = Pick<ServiceConfig, "name" | "server" | "sandbox">;

/** @param find looks for one on this machine. @throws ConfigError where there must be one and is none */
export function sandboxFor(service: Asked, find: () => Bubblewrap | NoSandbox = findSandbox): Sandbox | undefined {
  const { name, server, sandbox } = service;
  if (server.kind !== "stdio" || !needsOne(service)) return undefined;
  const found = find();
  if ("program" in found)
    return { bubblewrap: found, hidden: server.hidden ?? [], hasNetwork: server.egress !== "none" };
  if (sandbox === "auto") return undefined;
  throw new ConfigError(
    `${name}: got sandbox true, but there is none: ${found.reason}. ${found.remedy} Or set sandbox to auto or false.`,
  );
}

/** A line for the servers that have none although nobody said so; undefined where there is nothing to say. */
export function withoutSandbox(
  services: readonly Asked[],
  find: () => Bubblewrap | NoSandbox = findSandbox,
): string | undefined {
  const asked = services.filter((service) => service.sandbox === "auto" && needsOne(service));
  if (asked.length === 0 || isMainInContainer()) return undefined;
  const found = find();
  if ("program" in found) return undefined;
  const online = asked.filter(({ server }) => server.kind === "stdio" && server.egress === "none");
  const network =
    online.length === 0
      ? ""
      : ` ${online.map(({ name }) => name).join(", ")}: with a network, in spite of egress "none".`;
  return `no sandbox: ${found.reason}, so servers can read whatever you can. ${found.remedy}${network}`;
}

/** What runs containers is none to be confined: its server is in one. */
const needsOne = ({ server, sandbox }: Asked): boolean =>
  sandbox !== false && server.kind === "stdio" && server.socket === undefined && !ENGINES.has(basename(server.command));

const ENGINES: ReadonlySet<string> = new Set(["docker", "podman", "nerdctl"]);
