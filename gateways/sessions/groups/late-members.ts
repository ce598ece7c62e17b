/** Members of a group that are up and do not answer: the group goes on without them, and says so. */
import type { Logger } from "../../log.ts";
import type { Service } from "../service.ts";

/** Which members have not answered, whoever asked them. */
export class LateMembers {
  /** Called after every change. */
  onChange: (() => void) | undefined;
  readonly #late = new Map<Service, string>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param time milliseconds in which it has not answered */
  late(member: Service, method: string, time: number): void {
    if (this.#late.has(member)) return;
    const reason = `it has not answered ${method} within ${time / 1_000} s`;
    this.#late.set(member, reason);
    this.#log.warn({ member: member.name, reason }, "a member does not answer: lists go without it");
    this.onChange?.();
  }

  /** It answers, or is another server by now. */
  answered(member: Service): void {
    if (!this.#late.delete(member)) return;
    this.#log.info({ member: member.name }, "the member answers again");
    this.onChange?.();
  }

  /** Why a member is left out; undefined = it is not. */
  reason(member: Service): string | undefined {
    return this.#late.get(member);
  }
}
