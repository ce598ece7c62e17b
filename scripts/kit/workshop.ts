/** A scratch folder in which a verb installs and tries servers; gone when the verb ends, also after Ctrl-C. */
import { scratchFolder } from "./folder.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";
import { tell } from "./print.ts";

/** Where and with what. */
export interface Workshop {
  /** A scratch folder. */
  readonly path: string;
  /** @default - the npm on the PATH */
  readonly npmProgram: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Does the work in one.
 * @param name of the verb
 * @param interrupted what Ctrl-C leaves: "nothing was added"
 * @returns the exit code
 */
export async function inWorkshop(
  {
    name,
    interrupted,
    npmProgram,
  }: { readonly name: string; readonly interrupted: string } & Pick<Workshop, "npmProgram">,
  work: (shop: Workshop) => Promise<number>,
): Promise<number> {
  const signal = onInterrupt();
  const scratch = scratchFolder(name);
  try {
    return await work({ path: scratch.path, npmProgram, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    tell(`gangway ${name}: interrupted, and ${interrupted}`);
    return INTERRUPTED;
  } finally {
    scratch.remove();
  }
}
