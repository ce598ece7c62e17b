/** What `npm start` says of servers that can do more here than their entries say, or than anybody said that they should. */
import { withoutSandbox } from "../../gateways/sandboxes.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import type { Settings } from "../../stacks/settings.ts";

/** A line for what could not be done, or none. */
export function sandboxNotice(services: readonly Service[], settings: Settings): string[] {
  const parts = [withoutOne(services, settings), withoutList(services)].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [parts.join(" ")];
}

/** Whoever has no sandbox. */
function withoutOne(services: readonly Service[], settings: Settings): string | undefined {
  const forAll = asWord(settings.value("SANDBOX"));
  const processes = services.filter(isProcess);
  const asked = processes.map(({ name, sandbox = forAll, egress }) => ({
    name,
    sandbox,
    server: { ...PROCESS, egress: egress === "none" ? ("none" as const) : undefined },
  }));
  return withoutSandbox(asked);
}

/** Whoever reaches more than its list of hosts: that takes a network of its own, and something between it and the hosts. */
function withoutList(services: readonly Service[]): string | undefined {
  const names = services.filter(({ egress }) => typeof egress !== "string").map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `egress: ${names.join(", ")} can reach any host here; a list of hosts takes containers (npx gangway deploy local).`;
}

/** What cannot be read has been refused by now. */
const asWord = (text = "auto") => (text === "true" || text === "false" ? text === "true" : "auto");

/** An image runs in a container, an upstream elsewhere. */
function isProcess({ server, reaches }: Service): boolean {
  const kind = kindOf(server);
  return kind.role === "stdio" && reaches.length === 0 && kind.local.image === undefined;
}

/** Which program it is says nothing of whether it has a sandbox. */
const PROCESS = { kind: "stdio", command: "server", args: [], env: {}, cwd: undefined } as const;
