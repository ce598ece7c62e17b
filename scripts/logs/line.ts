/** A line that a container has written. */
import type { Container } from "../kit/containers.ts";
import { fieldsIn } from "./wanted.ts";

/** One line of one of the two streams of a container. */
export interface ContainerLine {
  /** When it was written by the engine's clock: RFC 3339 with nanoseconds, in UTC, so that texts compare as times do. */
  readonly at: string;
  readonly text: string;
  readonly from: Pick<Container, "name" | "service" | "part">;
}

/** Reads a line of `docker logs --timestamps`. */
export function readLine(line: string, from: ContainerLine["from"]): ContainerLine {
  const end = line.indexOf(" ");
  return end < 0 ? { at: line, text: "", from } : { at: line.slice(0, end), text: line.slice(end + 1), from };
}

/**
 * A line of JSON: what the gateway wrote, with the container that wrote it. What is not JSON, as an app writes it, becomes the message.
 * @param isForPeople whether `lineForPeople` gets it: they know where a line of a service comes from, unless another part wrote it
 */
export function asJson({ at, text, from }: ContainerLine, isForPeople = false): string {
  const { name: container, service, part } = from;
  const fields = fieldsIn(text) ?? { level: "info", msg: text };
  const origin = isForPeople ? (part === "gateway" ? {} : { part }) : { part, container };
  return JSON.stringify({ time: at, ...fields, service: fields["service"] ?? (service || container), ...origin });
}

/** The last lines of several containers, in the order in which they were written. @param each in order for each container */
export const merge = (each: readonly (readonly ContainerLine[])[], last: number): ContainerLine[] =>
  last === 0 ? [] : each.flat().toSorted(byTime).slice(-last);

const byTime = (one: ContainerLine, other: ContainerLine) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0);

/** Milliseconds that a line waits for an earlier one of another container. */
const WAIT = 250;

/** Brings lines that come from several containers as they are written into order. */
export class InOrder {
  readonly #show: (line: ContainerLine) => void;
  #waiting: ContainerLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(show: (line: ContainerLine) => void) {
    this.#show = show;
  }

  add(line: ContainerLine): void {
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => this.flush(), WAIT);
  }

  /** Shows all that wait. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#waiting.toSorted(byTime);
    this.#waiting = [];
    for (const line of lines) this.#show(line);
  }
}
