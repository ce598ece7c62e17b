/** A session's way to whichever server acts for its caller: with another token of the caller's that is another one. */
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { GatewayError, toGatewayError } from "../../../errors.ts";
import type { Message } from "../../../jsonrpc.ts";
import type { Lane } from "../../servers/contract.ts";
import type { ToModernLane } from "./lane.ts";

/** Goes over to another lane with the first call after the change; calls that run are answered by the server that has them. */
export class FollowingLane implements Lane {
  readonly #laneNow: (current: ToModernLane | undefined) => ToModernLane;
  #lane: ToModernLane;
  /** The lanes that answer still, and how many calls each has. */
  readonly #open = new Map<ToModernLane, number>();

  /** @param laneNow the current lane where its server still is the right one, or else a new one; it may throw a GatewayError */
  constructor(laneNow: (current: ToModernLane | undefined) => ToModernLane) {
    this.#laneNow = laneNow;
    this.#lane = laneNow(undefined);
  }

  open(): Promise<string> {
    return this.#lane.open();
  }

  restore(): void {
    this.#lane.restore();
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    try {
      this.#follow();
    } catch (error) {
      settled();
      return caller.fail(toGatewayError(error));
    }
    const lane = this.#lane;
    this.#open.set(lane, (this.#open.get(lane) ?? 0) + 1);
    lane.call(message, caller, (answered) => {
      settled(answered);
      this.#over(lane);
    });
  }

  tell(message: Message): void {
    for (const lane of this.#all) lane.tell(message);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    for (const lane of this.#all) lane.cancel(caller, reason);
  }

  async close(reason: GatewayError): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.close(reason)));
  }

  get #all(): ReadonlySet<ToModernLane> {
    return new Set([this.#lane, ...this.#open.keys()]);
  }

  #follow(): void {
    const before = this.#lane;
    this.#lane = this.#laneNow(before);
    if (this.#lane === before) return;
    this.#lane.restore();
    if (!this.#open.has(before)) this.#leave(before);
  }

  #over(lane: ToModernLane): void {
    const left = (this.#open.get(lane) ?? 1) - 1;
    if (left > 0) return void this.#open.set(lane, left);
    this.#open.delete(lane);
    if (lane !== this.#lane) this.#leave(lane);
  }

  #leave(lane: ToModernLane): void {
    void lane.close(new GatewayError("call-ended", { reason: "its session has another token" }));
  }
}
