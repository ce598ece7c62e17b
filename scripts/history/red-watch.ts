/**
 * Tells a chat of what goes red and stays so. Whoever looks at services again and again (`gangway status --watch`) tells it what
 * was seen; it has nothing that runs by itself.
 */
import type { Settings } from "../../stacks/settings.ts";
import { notifyUrl, post } from "./notify.ts";

/** Seconds that something has to be red for. A restart, or a release that takes over, is over by then. */
const PATIENCE = 120;

/** What is red, and since when. */
interface Red {
  readonly since: number;
  isTold: boolean;
}

export class RedWatch {
  readonly #tell: (text: string) => Promise<void>;
  readonly #red = new Map<string, Red>();

  constructor(tell: (text: string) => Promise<void>) {
    this.#tell = tell;
  }

  /**
   * Tells once of each that stays red, and once when it is well again.
   * @param problems what is wrong, in a line each, by the service or the place that does not answer
   * @param now seconds of a clock that only goes on
   */
  async saw(problems: ReadonlyMap<string, string>, now = performance.now() / 1_000): Promise<void> {
    for (const [name, problem] of problems) {
      const red = this.#red.get(name) ?? { since: now, isTold: false };
      this.#red.set(name, red);
      if (red.isTold || now - red.since < PATIENCE) continue;
      red.isTold = true;
      await this.#tell(`*${name} has been red for ${minutes(now - red.since)}*: ${problem}`);
    }
    for (const [name, { since, isTold }] of this.#red) {
      if (problems.has(name)) continue;
      this.#red.delete(name);
      if (isTold) await this.#tell(`*${name} is well again* after ${minutes(now - since)}`);
    }
  }
}

/** @returns undefined where NOTIFY_URL is not set @throws SettingsError when it is no URL */
export function redWatch(settings: Settings): RedWatch | undefined {
  const url = notifyUrl(settings);
  return url === undefined ? undefined : new RedWatch((text) => post(url, text));
}

const minutes = (seconds: number) => `${Math.round(seconds / 60)} min`;
