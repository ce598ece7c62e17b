/** What of a stack is no longer as it was deployed, or as the catalog says now. */
import { renderTable } from "../kit/table.ts";
import type { Changes } from "./changes.ts";
import type { Deployed } from "./containers.ts";

/** One thing that differs. */
export interface Difference {
  readonly stack: string;
  /** Whose it is: a service, or a part of the deployment such as nginx-proxy, the tunnel or the machine. */
  readonly of: string;
  /** Its address in the state, its name on the engine, or what is to be done on the machine. */
  readonly what: string;
  /**
   * `removed` and `changed`: by somebody, behind Terraform's back; `undeployed`: the catalog, the settings or this version are
   * newer than the last deploy; `unknown`: it is on the host, labelled as ours, and in no state.
   */
  readonly cause: "removed" | "changed" | "undeployed" | "unknown";
  /** What the next deploy does about it. */
  readonly deploy: "creates it" | "changes it" | "replaces it" | "removes it" | "does it";
}

/**
 * What a deploy would do something about. Whatever else the real thing says of itself is left out: an address that a container
 * was given, how often it was started.
 * @param strays containers that the state does not know
 * @param machine what would be changed on the machine, a line each
 */
export function differencesIn(
  changes: Changes,
  strays: readonly Pick<Deployed, "name" | "service">[] = [],
  machine: readonly string[] = [],
): Difference[] {
  const { stack, outside } = changes;
  const of = (addresses: readonly string[], deploy: Difference["deploy"]) =>
    addresses.map((address): Difference => {
      const cause = outside.get(address) ?? "undeployed";
      return { stack, of: ownerOf(address), what: address, cause, deploy };
    });
  return [
    ...machine.map((what): Difference => ({ stack, of: "machine", what, cause: "changed", deploy: "does it" })),
    ...of(changes.create, "creates it"),
    ...of(changes.update, "changes it"),
    ...of(changes.replace, "replaces it"),
    ...of(changes.destroy, "removes it"),
    ...strays.map(({ name, service }): Difference => ({
      stack,
      of: service,
      what: name,
      cause: "unknown",
      deploy: "removes it",
    })),
  ];
}

/** The first construct in an address is a service, or a part of the deployment: "docker_container.memory_container_8F408BB5". */
function ownerOf(address: string): string {
  const [first = ""] = address.slice(address.indexOf(".") + 1).split("_");
  return first.replace(/^hostname-/, "");
}

const words: Readonly<Record<Difference["cause"], string>> = {
  removed: "was removed by somebody",
  changed: "was changed by somebody",
  undeployed: "is not deployed as it is now here",
  unknown: "is in no state",
};

/** For a terminal or an issue: a heading and a table. */
export function differenceSummary(stack: string, all: readonly Difference[]): string {
  const own = all.filter((one) => one.stack === stack);
  if (own.length === 0) return `### ${stack}: no drift`;
  const count = own.length === 1 ? "1 thing differs" : `${own.length} things differ`;
  const rows = own.map(({ of, what, cause, deploy }) =>
    [of, what, words[cause], `a deploy ${deploy}`].map((text) => ({ text })),
  );
  return [`### ${stack}: ${count}`, "```", ...renderTable(rows), "```"].join("\n");
}
