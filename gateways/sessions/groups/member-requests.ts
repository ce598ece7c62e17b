/** The requests of a group's members to its client: of several members with the same ids and tokens, none meets another's. */
import { toGatewayError } from "../../errors.ts";
import { errorAnswer, find, readMessage, replace, tokenOf, withId, written, type Message } from "../../jsonrpc.ts";
import { detached } from "../../detached.ts";
import { ClientRequests } from "../servers/client-requests.ts";
import type { LaneClient } from "../servers/contract.ts";
import type { MemberLink } from "./member-link.ts";

/** A request of a member's that the client has not answered. */
interface Pending {
  readonly link: MemberLink;
  /** As the member wrote it. */
  readonly id: string;
  /** Its progress token, likewise. */
  readonly token: string | undefined;
}

/** The open requests of all members to one client. */
export class MemberRequests {
  readonly #open: ClientRequests<Pending>;

  /** @param members how many members may request: none of them takes another's place */
  constructor(client: LaneClient, members: number) {
    this.#open = new ClientRequests(client, members);
  }

  /** @returns the request as the client gets it; undefined when the member has been told that it cannot */
  register(link: MemberLink, message: Message): Message | undefined {
    const token = tokenOf(message);
    const { text } = message;
    const id = detached(message.id as string);
    try {
      const own = this.#open.register({ link, id, token: token && detached(text.slice(token.start, token.end)) });
      const request = token ? (readMessage(replace(text, token, own)) as Message) : message;
      return readMessage(withId(request, own));
    } catch (thrown) {
      const { code, message: reason } = toGatewayError(thrown);
      link.tell(readMessage(errorAnswer(id, code, reason)) as Message);
      return undefined;
    }
  }

  /** The client has answered. */
  answered(message: Message): void {
    const pending = this.#open.answered(message);
    if (pending) pending.link.tell(readMessage(withId(message, pending.id)) as Message);
  }

  /** The client reports progress. Only the member that has asked hears of it. */
  progress({ text, params }: Message): void {
    const token = find(text, params, "progressToken");
    const pending = token && this.#open.get(text.slice(token.start, token.end));
    if (token && pending?.token !== undefined)
      pending.link.tell(readMessage(replace(text, token, pending.token)) as Message);
  }

  /** A member takes a request back. */
  withdraw(link: MemberLink, { text, params }: Message): void {
    const id = written(text, params, "requestId");
    const open = this.#open.find((pending) => pending.link === link && pending.id === id);
    if (open !== undefined) this.#open.withdraw(open);
  }

  /** The session at a member has ended. */
  withdrawAll(link: MemberLink): void {
    for (;;) {
      const open = this.#open.find((pending) => pending.link === link);
      if (open === undefined) return;
      this.#open.withdraw(open);
    }
  }
}
