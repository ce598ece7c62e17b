/** Answers that are on their way to somebody whose login ends meanwhile. */
import type { Auth, LoginWatcher } from "./auth/auth.ts";
import type { Answered } from "./connections.ts";
import { toGatewayError } from "./errors.ts";
import type { Principal } from "./principal.ts";

/** Milliseconds between two looks for tokens that have expired: a stream ends at most so much later. */
const LOOK = 5_000;

/** The logins of one gateway's open requests. */
export class OpenLogins {
  readonly #answered: () => Iterable<Answered>;
  #timer: NodeJS.Timeout | undefined;

  /** @param answered the requests that are being answered */
  constructor(answered: () => Iterable<Answered>) {
    this.#answered = answered;
  }

  start(): void {
    this.#timer = setInterval(() => this.endExpired(Date.now()), LOOK);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Hears for one auth. A login that is revoked ends its calls, too. */
  watcherOf(auth: Auth): LoginWatcher {
    return {
      ended: (isOver) => this.#end((answered) => isOver(answered.principal!), "the login was revoked"),
      recheck: (isOf = (principal) => auth.accepts(principal)) => void this.#recheck(auth, isOf),
    };
  }

  /** Ends streams whose token has expired; a call that was sent in time is answered. @param now Date.now() */
  endExpired(now: number): void {
    this.#end(
      ({ method, principal }) => method !== "POST" && (principal!.expires ?? Infinity) <= now,
      "the token has expired",
    );
  }

  #end(isOver: (answered: Answered) => boolean, reason: string): void {
    for (const answered of this.#identified()) if (isOver(answered)) answered.endLogin(reason);
  }

  /** Asks again about the logins of one auth, one after the other. What cannot be found out now stays as it is. */
  async #recheck(auth: Auth, isOf: (principal: Principal) => boolean): Promise<void> {
    for (const answered of this.#identified()) {
      if (!isOf(answered.principal as Principal)) continue;
      try {
        await auth.identify(answered);
      } catch (error) {
        if (toGatewayError(error).status === 401) answered.endLogin("the login was revoked");
      }
    }
  }

  #identified = () => [...this.#answered()].filter(({ principal }) => principal !== undefined && mayEnd(principal));
}

const mayEnd = ({ expires, credential }: Principal) => expires !== undefined || credential !== undefined;
