/** Who has logged in on the page. A login lives in this process alone: it ends with the gateway. */
import { hash, randomBytes } from "node:crypto";

/** Milliseconds after which a login ends that nobody uses, and after which every login ends. */
const IDLE = 3_600_000;
const LONGEST = 12 * 3_600_000;

/** How many there are at most; the one that was used longest ago makes room. */
const MOST = 1_000;

/** 256 bits that nobody can guess. */
export const randomSecret = (): string => randomBytes(32).toString("base64url");

/** One login. */
export interface Login {
  /** The token, which is asked for anew with every request: one that is revoked opens nothing any more. */
  readonly token: string;
  /** What proves that a request was made by a page of ours. */
  readonly csrf: string;
  /** Called when it ends. */
  readonly onEnd: Set<() => void>;
}

interface Kept extends Login {
  readonly since: number;
  lastUsed: number;
}

/** All logins, by the digest of what their cookie holds. */
export class Logins {
  readonly #logins = new Map<string, Kept>();

  get size(): number {
    return this.#logins.size;
  }

  /** @returns what the cookie holds @param now performance.now() */
  open(token: string, now = performance.now()): string {
    const id = randomSecret();
    this.#makeRoom(now);
    this.#logins.set(digestOf(id), { token, csrf: randomSecret(), onEnd: new Set(), since: now, lastUsed: now });
    return id;
  }

  /** The login of a cookie, which is used by that. @param now performance.now() */
  find(id: string | undefined, now = performance.now()): Login | undefined {
    if (id === undefined) return undefined;
    const key = digestOf(id);
    const login = this.#logins.get(key);
    if (login === undefined) return undefined;
    if (isOver(login, now)) return this.#end(key, login);
    login.lastUsed = now;
    return login;
  }

  /** Ends the login of a cookie, if it has one. */
  end(id: string | undefined): void {
    const key = digestOf(id ?? "");
    const login = this.#logins.get(key);
    if (login) this.#end(key, login);
  }

  #makeRoom(now: number): void {
    for (const [key, login] of this.#logins) if (isOver(login, now)) this.#end(key, login);
    if (this.#logins.size < MOST) return;
    const [oldest] = [...this.#logins].toSorted(([, one], [, other]) => one.lastUsed - other.lastUsed);
    this.#end(...oldest!);
  }

  #end(key: string, { onEnd }: Kept): undefined {
    this.#logins.delete(key);
    for (const end of onEnd) end();
  }
}

const isOver = ({ since, lastUsed }: Kept, now: number) => now - lastUsed > IDLE || now - since > LONGEST;

const digestOf = (id: string) => hash("sha256", id, "base64url");
