/** One kind of traffic, and what it may use. */
import { Refusal, Wrong } from "../../../kit/mcp/answers.ts";
import type { Http } from "../../../kit/mcp/http.ts";
import type { ModernClient } from "../../../kit/mcp/modern.ts";
import type { Session } from "../session.ts";
import type { Random } from "../random.ts";
import type { Place } from "../setups.ts";

/** Who makes the traffic: one of the visitors of a gateway. */
export interface Visitor {
  readonly http: Http;
  readonly random: Random;
  readonly place: Place;
  readonly modern: ModernClient;
  /** The visitor's session, opened when there is none. */
  session(): Promise<Session>;
  /** Leaves the session without ending it. */
  forget(): void;
  /** Ends a server of the gateway behind its back. */
  kill(pid: number, signal: NodeJS.Signals): void;
  /** A text that no other call of the run has. */
  text(): string;
}

export interface Kind {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** Gateways that it makes sense on. @default all */
  readonly on?: readonly Place[];
  /** Whether it ends or blocks a server. A shared server belongs to all, so there it happens only now and then. */
  readonly disturbs?: boolean;
  /** Whether it needs the revision 2026-07-28. */
  readonly modern?: boolean;
  /** @throws Refusal for an error that came, Wrong for what must not come */
  readonly run: (visitor: Visitor) => Promise<void>;
}

/** A call that makes the server send a change notification, in the way this server understands. */
export function changeCall(place: Place, method: string, uri?: string): [tool: string, args: object] {
  return place === "modern" ? ["tell", { method, uri }] : ["notify", { method, params: { uri } }];
}

/** How long a call lasts that will be cut short, in milliseconds: not long where others wait for their turn. */
export const longer = ({ place }: Visitor) => (place === "serial" ? 1_000 : 20_000);

/** @throws Wrong */
export function same(got: string, expected: string): void {
  if (got === expected) return;
  throw new Wrong(`got ${got.length} characters, "${got.slice(0, 120)}", expected "${expected.slice(0, 120)}"`);
}

/** Waits for an error that must come. @throws Wrong when an answer comes, Refusal when it is another error */
export async function refused(answer: Promise<unknown>, pattern: RegExp): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof Refusal && pattern.test(error.message)) return;
    throw error;
  }
  throw new Wrong(`answered, expected an error: ${pattern.source}`);
}

/** Waits for all, so that none goes on unobserved when another fails. @throws the worst error */
export async function all(promises: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(promises);
  const reasons = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason as unknown);
  const worst = reasons.find((reason) => !(reason instanceof Refusal)) ?? reasons[0];
  if (worst !== undefined) throw worst;
}

/** Ignores the errors that come of leaving on purpose. */
export async function left(promise: Promise<unknown>): Promise<void> {
  await promise.catch((error: unknown) => {
    if (error instanceof Wrong) throw error;
  });
}
