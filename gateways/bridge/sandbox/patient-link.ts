/** A connection to a server in a sandbox, opened again when it is the sandbox that failed, and not the server. */
import type { Link, LinkClosed, LinkEvents } from "../link.ts";

/** How often a sandbox is made, and the milliseconds before the second time: twice as many before each further one. */
export const TRIES = 7;
const PAUSE = 10;

/**
 * Opens it. bubblewrap shows a server what is mounted, and fails when somebody mounts or unmounts something meanwhile (a
 * container starts or ends, a disk image is opened). It has read nothing then, so what was sent is sent again.
 * @param open opens it once
 */
export const openPatiently = (open: (events: LinkEvents) => Link, events: LinkEvents): Link =>
  new PatientLink(open, events);

class PatientLink implements Link {
  readonly #open: () => Link;
  readonly #events: LinkEvents;
  #link: Link;
  #tries = 1;
  #pause: NodeJS.Timeout | undefined;
  /** What has been sent, until the server has said something: then it runs. */
  #sent: string[] | undefined = [];

  constructor(open: (events: LinkEvents) => Link, events: LinkEvents) {
    this.#events = events;
    const own: LinkEvents = {
      message: (text, bytes, of) => {
        this.#sent = undefined;
        events.message(text, bytes, of);
      },
      failed: (id, error) => events.failed(id, error),
      closed: (why) => this.#closed(why),
    };
    this.#open = () => open(own);
    this.#link = this.#open();
  }

  get label() {
    return this.#link.label;
  }

  get lastStderr() {
    return this.#link.lastStderr ?? "";
  }

  get hint() {
    return this.#link.hint;
  }

  noMessage(text: string): void {
    this.#link.noMessage?.(text);
  }

  send(message: string): void {
    this.#link.send(message);
    this.#sent?.push(message);
  }

  close(): Promise<void> {
    clearTimeout(this.#pause);
    return this.#link.close();
  }

  #closed(why: LinkClosed): void {
    if (!why.noSandbox || this.#tries === TRIES) return this.#events.closed(why);
    this.#pause = setTimeout(() => this.#again(), PAUSE * 2 ** (this.#tries - 1));
    this.#tries += 1;
  }

  #again(): void {
    this.#link = this.#open();
    try {
      for (const message of this.#sent ?? []) this.#link.send(message);
    } catch (error) {
      void this.#link.close();
      this.#events.closed({ reason: (error as Error).message, lastStderr: "" });
    }
  }
}
