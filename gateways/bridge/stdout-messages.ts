/** Finds the messages in what a stdio server writes: one on each line, as the specification has it, or nearly so. */
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  eachElement,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipString,
} from "../json/scan.ts";
import { readMessage } from "../jsonrpc.ts";
import { LineReader } from "./framing.ts";

/** What is found. */
export interface StdoutEvents {
  /** A JSON object on one line. It need not be a message, nor valid inside. `bytes`: the same as it came, if it is long. */
  readonly message: (text: string, bytes?: Buffer) => void;
  /** A line that is no message and was not meant as one, such as a banner. */
  readonly other: (line: string) => void;
  /** A line, or a message over several lines, was too long; it is dropped. */
  readonly overflow: () => void;
}

/** Milliseconds that the next line of a message may take. Then the message is as it is, and its caller need not wait on. */
const NEXT_LINE_TIME = 1_000;

/** How many characters are told of a line that has not ended. */
const MAX_UNFINISHED = 512;

/** A byte order mark in UTF-8, one character a byte. */
const MARK = "\u00ef\u00bb\u00bf";

/**
 * Reads messages from standard output. It takes what the SDKs' own readers take and more, as long as no message can be
 * mistaken: white space and a byte order mark around a message, one over several lines, several in an array.
 */
export class StdoutMessages {
  readonly #events: StdoutEvents;
  readonly #maxBytes: number;
  readonly #lines: LineReader;
  /** The lines so far of a message over several, and how many of its brackets are open. */
  #begun: string[] = [];
  #depth = 0;
  #size = 0;
  #late: NodeJS.Timeout | undefined;

  /** @param maxBytes the longest message */
  constructor(maxBytes: number, events: StdoutEvents) {
    this.#events = events;
    this.#maxBytes = maxBytes;
    this.#lines = new LineReader(maxBytes, (line, bytes) => this.#take(line, bytes), events.overflow);
  }

  /** Bytes of a message that has not ended. */
  get pending(): number {
    return this.#lines.pending + this.#size;
  }

  /** The beginning of a line that has not ended and is not meant as a message: a prompt, most likely. */
  get unfinished(): string {
    const text = this.#begun.length > 0 ? "" : trimmed(this.#lines.begun(MAX_UNFINISHED));
    return BRACKETS.has(text.charCodeAt(0)) ? "" : text;
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  /** Nothing more will come. */
  close(): void {
    clearTimeout(this.#late);
  }

  #take(line: string, bytes?: Buffer): void {
    const text = isObject(line) ? line : trimmed(line);
    if (this.#begun.length > 0) this.#continue(text);
    else if (isObject(text)) this.#events.message(text, text === line ? bytes : undefined);
    else if (text !== "") this.#takeOther(text);
  }

  #takeOther(text: string): void {
    const depth = mayBegin(text) ? depthAfter(text, 0) : BROKEN;
    if (depth > 0) this.#add(text, depth);
    else if (depth === 0 && text.charCodeAt(0) === OPEN_BRACKET) this.#takeArray(text);
    else if (text.charCodeAt(0) === OPEN_BRACE)
      this.#events.message(text); // broken, but its caller need not wait
    else this.#events.other(text);
  }

  #continue(text: string): void {
    // What began was no message after all: one that is complete in itself is never part of another.
    if (isObject(text) && readMessage(text) !== undefined) this.#giveUp();
    if (this.#begun.length === 0) return this.#take(text);
    const depth = depthAfter(text, this.#depth);
    if (depth === BROKEN) {
      this.#giveUp();
      return this.#take(text);
    }
    this.#add(text, depth);
    if (this.#size > this.#maxBytes) {
      this.#end();
      return this.#events.overflow();
    }
    if (depth === 0) this.#take(this.#end());
  }

  #add(text: string, depth: number): void {
    this.#begun.push(text);
    this.#size += text.length;
    this.#depth = depth;
    clearTimeout(this.#late);
    this.#late = setTimeout(() => this.#giveUp(), NEXT_LINE_TIME).unref();
  }

  /** @returns the lines as one: a line break in valid JSON stands only between values */
  #end(): string {
    const text = this.#begun.join(" ");
    this.#begun = [];
    this.#size = 0;
    clearTimeout(this.#late);
    return text;
  }

  /** What began is no message. Nor is a line after it that looks like one, and its caller need not wait either. */
  #giveUp(): void {
    const [, ...rest] = this.#begun;
    const text = this.#end();
    if (text.charCodeAt(0) === OPEN_BRACE) this.#events.message(text);
    else this.#events.other(text);
    for (const line of rest) if (line.charCodeAt(0) === OPEN_BRACE) this.#events.message(line);
  }

  /** A batch (MCP 2025-03-26). Each of its messages is one like any other. */
  #takeArray(text: string): void {
    let isBatch = true;
    const end = eachElement(text, 0, (start) => (isBatch &&= text.charCodeAt(start) === OPEN_BRACE));
    if (end < 0 || !isBatch) return this.#events.other(text);
    eachElement(text, 0, (start, valueEnd) => this.#events.message(text.slice(start, valueEnd)));
  }
}

/** Nearly every line: a message that needs no further look here. */
const isObject = (text: string) =>
  text.charCodeAt(0) === OPEN_BRACE && text.charCodeAt(text.length - 1) === CLOSE_BRACE;

/** Without white space and byte order mark around it. */
function trimmed(line: string): string {
  const text = line.trim();
  return text.startsWith(MARK) ? text.slice(MARK.length).trim() : text;
}

/** Whether a text can be the beginning of an object or of a list of objects: a banner such as `[INFO]` is neither. */
function mayBegin(text: string): boolean {
  const next = skipSpace(text, 1);
  const inside = text.charCodeAt(0) === OPEN_BRACE ? QUOTE : OPEN_BRACE;
  return BRACKETS.has(text.charCodeAt(0)) && (next === text.length || text.charCodeAt(next) === inside);
}

const BRACKETS: ReadonlySet<number> = new Set([OPEN_BRACE, OPEN_BRACKET]);

/** The line cannot be a part of JSON. */
const BROKEN = -1;

/** How many brackets are open after a line. A string never goes on in the next one. */
function depthAfter(line: string, depth: number): number {
  for (let at = skipSpace(line, 0); at < line.length; at = skipSpace(line, at)) {
    const char = line.charCodeAt(at);
    if (char === QUOTE) {
      at = skipString(line, at);
      if (at < 0) return BROKEN;
      continue;
    }
    at++;
    if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
    if (depth <= 0) return depth === 0 && skipSpace(line, at) === line.length ? 0 : BROKEN;
  }
  return depth;
}
