/** What `npm start` says where servers run without a sandbox although nobody said that they should. */
import { withoutSandbox } from "../../gateways/sandboxes.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { kindOf } from "../../stacks/catalog/kinds/registry.ts";
import type { Settings } from "../../stacks/settings.ts";

/** A line, or none. */
export function sandboxNotice(services: readonly Service[], settings: Settings): string[] {
  const forAll = asWord(settings.value("SANDBOX"));
  const processes = services.filter(isProcess);
  const asked = processes.map(({ name, sandbox = forAll, egress }) => ({
    name,
    sandbox,
    server: { ...PROCESS, egress: egress === "none" ? ("none" as const) : undefined },
  }));
  const line = withoutSandbox(asked);
  return line === undefined ? [] : [line];
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
