/** What a group says of itself. */
import { agreedVersion } from "../../bridge/handshake.ts";
import { answer, type Message } from "../../jsonrpc.ts";
import type { Principal } from "../../principal.ts";
import { VERSION } from "../../version.ts";
import type { GroupMembers } from "./group-members.ts";
import type { LateMembers } from "./late-members.ts";
import type { Service } from "../service.ts";

/** What a group is to its lanes. */
export interface GroupOptions {
  readonly name: string;
  readonly members: GroupMembers<Service>;
  /** Whether the client may use a member. */
  readonly isUsable: (member: Service) => boolean;
  /** Who the client is for each; undefined = nobody any more. */
  readonly atMember: (member: Service, principal: Principal) => Principal | undefined;
  /** Those of them that do not answer. */
  readonly late: LateMembers;
}

/** What a group says that it has, before any member has been asked. */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/** The answer to a client's `initialize`. */
export function introduction(name: string, members: readonly Service[], initialize: Message): string {
  const names = members.map((member) => member.name).join(", ");
  return answer(initialize.id as string, {
    protocolVersion: agreedVersion(initialize),
    capabilities: CAPABILITIES,
    serverInfo: { name, version: VERSION },
    instructions: `Several servers as one: ${names}. The name of each tool and prompt begins with its server's.`,
  });
}
