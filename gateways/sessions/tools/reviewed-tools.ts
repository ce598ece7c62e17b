/**
 * Compares a server's tools with those that were reviewed. A tool whose description changes after somebody has read it and
 * said yes (a "rug pull") speaks to the model in the reader's name.
 */
import type { Listed } from "../../bridge/tools.ts";
import { detached } from "../../detached.ts";
import type { Logger } from "../../log.ts";
import { told } from "../../secrets.ts";
import { writtenToolDigest } from "../../tool-digest.ts";

/** How many names are kept, and how many characters of them one line tells: a server may list any number. */
const MOST_NAMES = 200;
const LONGEST_LIST = 500;
/** Bytes of a tool that are read: a longer one is not as reviewed. */
const LONGEST_TOOL = 1024 * 1024;

/** A tool as its server wrote it, one character a byte. */
interface Written {
  readonly name: string;
  readonly text: string;
}

/** What is known of a service's reviewed tools. */
export interface Review {
  /** The digest of each reviewed tool, by its name. */
  readonly digests: ReadonlyMap<string, string>;
  /** Whether a tool that is not as reviewed is neither listed nor callable. */
  readonly pins: boolean;
}

/** The reviewed tools of one service, and those that are not as reviewed. */
export class ReviewedTools {
  readonly #service: string;
  readonly #digests: ReadonlyMap<string, string>;
  readonly #pins: boolean;
  readonly #log: Logger;
  /** Reviewed tools that a list has shown otherwise. They stay so: a server may show each client another list. */
  readonly #changed = new Set<string>();
  readonly #unknown = new Set<string>();
  readonly #gone = new Set<string>();
  /** The text of each tool that was as reviewed, so that it is read once: searches list the tools at each call. */
  readonly #matched = new Map<string, string>();

  constructor(service: string, { digests, pins }: Review, log: Logger) {
    this.#service = service;
    this.#digests = digests;
    this.#pins = pins;
    this.#log = log;
  }

  /** The tools that are not as reviewed, as far as they are known, in words. */
  get unreviewed(): readonly string[] {
    return [
      ...Array.from(this.#changed, (name) => `${shown(name)} (changed)`),
      ...Array.from(this.#unknown, (name) => `${shown(name)} (new)`),
      ...Array.from(this.#gone, (name) => `${shown(name)} (gone)`),
    ];
  }

  get pins(): boolean {
    return this.#pins;
  }

  /** Whether a tool of this name may be called. */
  offers(name: string): boolean {
    return !this.#pins || (this.#digests.has(name) && !this.#changed.has(name));
  }

  /** Compares all tools of a server. */
  compare(listed: readonly Listed[]): void {
    const names = new Set(listed.map(({ name }) => name));
    const found = listed.flatMap(({ name, digest }) => this.#note(name, digest));
    for (const name of this.#digests.keys()) {
      if (names.has(name)) this.#gone.delete(name);
      else if (!this.#gone.has(name)) found.push(this.#add(this.#gone, name, "gone"));
    }
    this.#warn(found);
  }

  /** Compares tools of a list that is on its way to a client. */
  compareWritten(tools: readonly Written[]): void {
    const seen = new Set<string>();
    const found: string[] = [];
    for (const tool of tools.filter(({ name }) => name !== "")) {
      if (this.#matched.get(tool.name) !== tool.text) found.push(...this.#read(tool, seen.has(tool.name)));
      seen.add(tool.name);
    }
    this.#warn(found);
  }

  /** @param again whether it is in the list twice: of two that differ, a client may take either */
  #read({ name, text }: Written, again: boolean): string[] {
    if (!this.#digests.has(name) || this.#changed.has(name)) return this.#note(name, undefined);
    const digest = again ? undefined : digestOf(text);
    if (digest === this.#digests.get(name)) this.#matched.set(name, detached(text));
    return this.#note(name, digest);
  }

  /** @returns what is new about the tool, in words */
  #note(name: string, digest: string | undefined): string[] {
    const reviewed = this.#digests.get(name);
    if (reviewed === undefined)
      return this.#unknown.has(name) || this.#unknown.size === MOST_NAMES
        ? []
        : [this.#add(this.#unknown, name, "new")];
    return reviewed === digest || this.#changed.has(name) ? [] : [this.#add(this.#changed, name, "changed")];
  }

  #add(names: Set<string>, name: string, what: string): string {
    names.add(name);
    return `${shown(name)} (${what})`;
  }

  /** The names alone: a description may be written to be read by whoever reads the log. */
  #warn(found: readonly string[]): void {
    if (found.length === 0) return;
    const effect = this.#pins ? "They are neither listed nor callable" : "They are served all the same";
    this.#log.warn(
      { service: this.#service, tools: told(found.join(", "), { limit: LONGEST_LIST }) },
      `the server's tools are not those that were reviewed. ${effect}: npx gangway update --review ${this.#service} shows them`,
    );
  }
}

const shown = (name: string) => told(name, { limit: 100 });

const digestOf = (text: string) =>
  text.length > LONGEST_TOOL ? undefined : writtenToolDigest(Buffer.from(text, "latin1").toString());
