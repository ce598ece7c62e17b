/** What `npm start` says where servers run without a sandbox although nobody said that they should. */
import { withoutSandbox } from "../../gateways/sandboxes.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import type { Settings } from "../../stacks/settings.ts";

/** A line for each thing that is not as it might be hoped. */
export function sandboxNotice(services: readonly Service[], settings: Settings): string[] {
  const forAll = asWord(settings.value("SANDBOX"));
  const processes = services.filter(isProcess);
  const asked = processes.map(({ name, sandbox = forAll, egress }) => ({
    name,
    sandbox,
    server: { ...PROCESS, egress: egress === "none" ? ("none" as const) : undefined },
  }));
  const line = withoutSandbox(asked);
  const listed = processes.filter(({ egress }) => Array.isArray(egress)).map(({ name }) => name);
  return [...(line === undefined ? [] : [line]), ...(listed.length === 0 ? [] : [unlimited(listed)])];
}

const unlimited = (names: readonly string[]) =>
  `${names.join(", ")}: the hosts in egress are not enforced with npm start, but in a deployment (npx gangway deploy local).`;

/** What cannot be read has been refused by now. */
const asWord = (text = "auto") => (text === "true" || text === "false" ? text === "true" : "auto");

/** An image runs in a container, an upstream elsewhere. */
function isProcess({ server, reaches }: Service): boolean {
  const kind = kindOf(server);
  return kind.role === "stdio" && reaches.length === 0 && kind.local.image === undefined;
}

/** Which program it is says nothing of whether it has a sandbox. */
const PROCESS = { kind: "stdio", command: "server", args: [], env: {}, cwd: undefined } as const;
