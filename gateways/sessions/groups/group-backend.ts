/** A group as the server of a service. */
import { Tools, type Listed } from "../../bridge/tools.ts";
import type { GatewayError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Principal } from "../../principal.ts";
import {
  UNKNOWN,
  type Backend,
  type Lane,
  type LaneClient,
  type ServerLife,
  type Status,
} from "../servers/contract.ts";
import type { Service } from "../service.ts";
import { GroupLane } from "./group-lane.ts";
import type { GroupMembers } from "./group-members.ts";
import { LateMembers } from "./late-members.ts";
import { groupName } from "./names.ts";

/** Who the caller of a group is for one of its members. */
export type AtMember = (member: Service, principal: Principal) => Principal | undefined;

/** What a group is made of. */
export interface GroupParts {
  readonly name: string;
  readonly members: GroupMembers<Service>;
  /** Whether the members are the group's own: nothing else starts and stops them. */
  readonly owned: boolean;
  readonly log: Logger;
  /**
   * Who a principal is for a member; undefined = it may not use it. @default - who it is for the group, whose names the patterns
   * of its token were for
   */
  readonly atMember?: AtMember | undefined;
}

/** Members behind one door. */
export class GroupBackend implements Backend {
  readonly supervisor: GroupLife;
  readonly #parts: GroupParts;
  readonly #late: LateMembers;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#late = new LateMembers(parts.log);
    this.supervisor = new GroupLife(parts, this.#late);
  }

  lane(client: LaneClient, _ended: (reason: GatewayError) => void): Lane {
    const { name, members, atMember = judgedByGroup } = this.#parts;
    const isUsable = (member: Service) => {
      const principal = atMember(member, client.principal);
      return principal !== undefined && member.admits(principal);
    };
    return new GroupLane({ name, members, isUsable, atMember, late: this.#late }, client);
  }
}

/** The group has looked at what the caller's token opens; the member looks at its own `allow`. */
const judgedByGroup: AtMember = (_, { tools: _tools, scopedTools: _scoped, ...principal }) => principal;

/** A group is up while one of its members is; its status names those that are not. */
class GroupLife implements ServerLife {
  onStatus: (() => void) | undefined;
  readonly #parts: GroupParts;
  readonly #tools: GroupTools;
  readonly #late: LateMembers;

  constructor(parts: GroupParts, late: LateMembers) {
    this.#parts = parts;
    this.#late = late;
    late.onChange = () => this.onStatus?.();
    parts.members.onChange.add(() => this.onStatus?.());
    this.#tools = new GroupTools(parts.members);
  }

  get #members(): readonly Service[] {
    return this.#parts.members.list;
  }

  get status(): Status {
    const members = this.#members;
    const ready = members.length === 0 || members.some((member) => member.ready);
    const down = members.flatMap((member) => this.#whyMissing(member) ?? []);
    return {
      ...UNKNOWN,
      ready,
      tools: this.#tools,
      error: ready ? undefined : down.join("; "),
      partial: ready && down.length > 0 ? `without ${down.join("; ")}` : undefined,
    };
  }

  #whyMissing(member: Service): string | undefined {
    if (!member.ready) return whyDown(member);
    const late = this.#late.reason(member);
    return late === undefined ? undefined : `${member.name} (${late})`;
  }

  get hasServed(): boolean {
    return this.#members.some(({ ready }) => ready);
  }

  get children(): number {
    return this.#parts.owned ? this.#members.reduce((sum, { children }) => sum + children, 0) : 0;
  }

  get restarts(): number {
    return this.#parts.owned ? this.#members.reduce((sum, { restarts }) => sum + restarts, 0) : 0;
  }

  async start(): Promise<void> {
    const { owned } = this.#parts;
    await Promise.resolve(); // whoever starts everything has started the members by then
    await Promise.all(this.#members.map((member) => (owned ? member.start() : member.settled().catch(() => {}))));
    this.#tools.settled();
    this.onStatus?.();
  }

  async measure(): Promise<void> {
    if (this.#parts.owned) await Promise.all(this.#members.map((member) => member.isReady()));
  }

  async stop(): Promise<void> {
    if (this.#parts.owned) await Promise.all(this.#members.map((member) => member.stop()));
  }
}

function whyDown({ name, state, error, needs }: Service): string {
  if (needs !== undefined) return `${name} (it needs ${needs})`;
  return error === undefined ? `${name} (${state})` : `${name} (${error})`;
}

/** The tools of all members. */
class GroupTools extends Tools {
  readonly #members: GroupMembers<Service>;
  readonly #waiting: ((listed: readonly Listed[]) => void)[] = [];

  constructor(members: GroupMembers<Service>) {
    super({});
    this.#members = members;
  }

  override get count(): number {
    return this.#members.list.reduce((sum, { ready, tools }) => sum + (ready ? (tools ?? 0) : 0), 0);
  }

  override get names(): readonly string[] {
    const up = this.#members.list.filter(({ ready }) => ready);
    return up.flatMap(({ name, toolNames }) => toolNames.map((tool) => groupName(name, tool)));
  }

  override whenListed(callback: (listed: readonly Listed[]) => void): void {
    this.#waiting.push(callback);
  }

  /** Every member has started, or failed once. */
  settled(): void {
    const listed = this.names.map((name) => ({ name, digest: undefined })); // members look after their own tools
    for (const callback of this.#waiting.splice(0)) callback(listed);
  }
}
