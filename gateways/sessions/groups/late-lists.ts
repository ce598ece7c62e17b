/**
 * Lists that members have not answered in time, for one client. Each is left out until its answer comes, and nothing waits for it
 * again. Then the client is told that its lists have changed, and the list that it asks for next has the answer.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../../jsonrpc.ts";
import type { Held } from "../../memory-budget.ts";
import { ask, type Asking } from "./asked.ts";
import type { LateMembers } from "./late-members.ts";
import type { MemberLink } from "./member-link.ts";

/** Milliseconds that a list waits for a member: one that hangs must not take the others with it. */
export const LIST_TIME = 10_000;
/** Milliseconds until a member is asked again that has answered with an error after all, or not at all. */
const PAUSE = 30_000;

/** What a member is asked for. */
export interface Wanted {
  readonly link: MemberLink;
  readonly method: string;
  readonly params: object;
}

/** A list that did not come in time. */
interface Late {
  /** The answer, when it has come and is kept for the client. */
  answer: Message | undefined;
  readonly link: MemberLink;
  readonly held: Held | undefined;
}

/** What one client still waits for, by what is asked for. */
export class LateLists {
  readonly #late = new Map<string, Late>();
  readonly #over = new AbortController();
  readonly #members: LateMembers;
  readonly #changed: () => void;

  /** @param changed tells the client that its lists have changed */
  constructor(members: LateMembers, changed: () => void) {
    this.#members = members;
    this.#changed = changed;
  }

  /** @returns a member's answer; undefined when it does not come in time @throws GatewayError what the member answered */
  async answer(wanted: Wanted, from: Asking): Promise<Message | undefined> {
    const key = keyOf(wanted);
    const late = this.#late.get(key);
    if (late) return this.#take(key, late);
    const asked = ask(wanted.link, wanted.method, wanted.params, from);
    const over = new AbortController();
    const time = sleep(LIST_TIME, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
    const answer = await Promise.race([asked, time]).finally(() => over.abort());
    if (answer) this.#members.answered(wanted.link.member);
    else if (!from.signal.aborted) this.#waitFor(key, wanted, asked, from);
    return answer;
  }

  /** What a member has listed counts no longer. */
  forget(link: MemberLink): void {
    for (const [key, late] of this.#late) if (late.link === link && late.answer) this.#drop(key, late);
  }

  close(): void {
    this.#over.abort();
    for (const [key, late] of this.#late) this.#drop(key, late);
  }

  #take(key: string, late: Late): Message | undefined {
    if (late.answer) this.#drop(key, late);
    return late.answer;
  }

  #waitFor(key: string, wanted: Wanted, asked: Promise<Message>, { memory, signal }: Asking): void {
    if (this.#over.signal.aborted) return void asked.catch(() => {});
    const late: Late = { answer: undefined, link: wanted.link, held: memory?.hold() };
    this.#late.set(key, late);
    this.#members.late(wanted.link.member, wanted.method, LIST_TIME);
    signal.addEventListener("abort", () => this.#drop(key, late)); // its client wants the whole list no longer
    void this.#untilAnswered(key, { ...wanted, late }, asked);
  }

  /** Asks again until there is an answer, or the session in which it would come has ended. */
  async #untilAnswered(key: string, wanted: Wanted & { readonly late: Late }, asked: Promise<Message>): Promise<void> {
    const { link, method, params, late } = wanted;
    const { session } = link;
    const { signal } = this.#over;
    for (let pending = asked; ; pending = ask(link, method, params, { signal })) {
      const answer = await pending.catch(() => undefined);
      if (this.#late.get(key) !== late) return;
      if (answer) return this.#keep(key, late, answer);
      await sleep(PAUSE, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted || link.session !== session) return this.#drop(key, late);
    }
  }

  /** An answer for which there is no memory is asked for again. */
  #keep(key: string, late: Late, answer: Message): void {
    this.#members.answered(late.link.member);
    if (late.held && !late.held.tryTake(answer.text.length)) this.#drop(key, late);
    else late.answer = answer;
    this.#changed();
  }

  #drop(key: string, late: Late): void {
    late.held?.end();
    if (this.#late.get(key) === late) this.#late.delete(key);
  }
}

const keyOf = ({ link, method, params }: Wanted) => `${link.name} ${method} ${JSON.stringify(params)}`;
