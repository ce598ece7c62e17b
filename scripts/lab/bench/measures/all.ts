/** Every measure, in the order of the run. */
import { group } from "./group.ts";
import { loads } from "./load.ts";
import { longSession } from "./long-session.ts";
import { manySessions } from "./many-sessions.ts";
import type { Measure } from "./measure.ts";
import { idleMemory, sessionOpen } from "./sessions.ts";
import { replySizes } from "./sizes.ts";

export const measures: readonly Measure[] = [
  ...loads,
  sessionOpen,
  idleMemory,
  replySizes,
  longSession,
  manySessions,
  group,
];
