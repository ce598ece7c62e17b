/** Notices changes of a few files, whichever way they are written. */
import { statSync } from "node:fs";

/**
 * Milliseconds between two looks at the files. Looking works where the system tells nothing: in a container, over a network. A
 * change is one when two looks have seen the same, because editors write in several steps.
 */
const LOOK = 500;

/** How many looks a file may be empty or missing before that counts: some editors empty it first, or move it away. */
const PATIENCE = 4;

/** Looks at files until it is stopped. Keeps no process alive. */
export class FileWatch {
  readonly #changed: () => void;
  readonly #timer: NodeJS.Timeout;
  #files: readonly string[];
  /** The files as they were when they were read last, and at the last look. */
  #read: string;
  #seen: string;
  #looksAtGap = 0;

  /** @param changed is called after each change, until `read` says that it has been taken */
  constructor(files: readonly string[], changed: () => void) {
    this.#files = files;
    this.#changed = changed;
    this.#read = this.#seen = this.#look();
    this.#timer = setInterval(() => this.#lookAgain(), LOOK);
    this.#timer.unref();
  }

  /** The files are read now. @param files others, from now on */
  read(files: readonly string[] = this.#files): void {
    this.#files = files;
    this.#read = this.#seen = this.#look();
    this.#looksAtGap = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #lookAgain(): void {
    const now = this.#look();
    const isSettled = now === this.#seen;
    this.#seen = now;
    if (now === this.#read) this.#looksAtGap = 0;
    else if (isSettled && (!hasNewGap(this.#read, now) || ++this.#looksAtGap >= PATIENCE)) this.#changed();
  }

  /** What tells one state of the files from another. */
  #look(): string {
    return this.#files.map(stateOf).join(" ");
  }
}

const GAP = "-";

function stateOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined || stat.size === 0n ? GAP : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

/** Whether a file is empty or missing now that was not. */
function hasNewGap(before: string, now: string): boolean {
  const states = before.split(" ");
  return now.split(" ").some((state, at) => state === GAP && states[at] !== GAP);
}
