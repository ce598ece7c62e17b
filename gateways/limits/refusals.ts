/** Tells of refusals in the audit, so that nobody can wash a log out by being refused. */

/** Milliseconds in which refusals of a kind are counted together. */
const INTERVAL = 60_000;

/** What is told of a refusal. */
export interface RefusalFields {
  readonly service: string;
  readonly address: string;
  readonly reason: string;
  /** How many there were since the last line. */
  readonly count?: number;
  /** What else there is to tell of it. */
  readonly [more: string]: string | number | undefined;
}

interface Kind {
  last: RefusalFields;
  count: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * The first refusal of a kind is told at once, and of those that follow how many there were, once a minute until there are none.
 * A kind is a service and a reason, so there are few.
 */
export class Refusals {
  readonly #tell: (fields: RefusalFields) => void;
  readonly #kinds = new Map<string, Kind>();

  constructor(tell: (fields: RefusalFields) => void) {
    this.#tell = tell;
  }

  note(fields: RefusalFields): void {
    const key = `${fields.service} ${fields.reason}`;
    const kind = this.#kinds.get(key);
    if (kind) {
      kind.last = fields;
      kind.count++;
      return;
    }
    this.#tell(fields);
    const timer = setInterval(() => this.#endInterval(key), INTERVAL);
    timer.unref();
    this.#kinds.set(key, { last: fields, count: 0, timer });
  }

  /** Tells what has been counted. */
  stop(): void {
    for (const key of this.#kinds.keys()) {
      this.#endInterval(key);
      clearInterval(this.#kinds.get(key)?.timer);
    }
    this.#kinds.clear();
  }

  #endInterval(key: string): void {
    const kind = this.#kinds.get(key)!;
    if (kind.count === 0) {
      clearInterval(kind.timer);
      this.#kinds.delete(key);
      return;
    }
    this.#tell({ ...kind.last, count: kind.count });
    kind.count = 0;
  }
}
