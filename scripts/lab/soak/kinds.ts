/** Every kind of traffic. To add one, write it in kinds/ and give it a line in its file's list. */
import { calls } from "./kinds/calls.ts";
import type { Kind } from "./kinds/kind.ts";
import { leaving } from "./kinds/leaving.ts";
import { listening } from "./kinds/listening.ts";
import { misbehaviour } from "./kinds/misbehaviour.ts";
import { modern } from "./kinds/modern.ts";
import { sessions } from "./kinds/sessions.ts";
import { streams } from "./kinds/streams.ts";
import { wrongInput } from "./kinds/wrong-input.ts";
import type { Place } from "./setups.ts";

export const kinds: readonly Kind[] = [
  calls,
  streams,
  listening,
  leaving,
  sessions,
  misbehaviour,
  wrongInput,
  modern,
].flat();

/** The kinds that make sense on a gateway. */
export const kindsOn = (place: Place, speaksModern: boolean): Kind[] =>
  kinds.filter(({ on, modern: era }) => (on?.includes(place) ?? true) && (speaksModern || era !== true));
