/** The door for everything that finds out who calls. */
import type { Principal } from "../principal.ts";

/** What a request shows of its caller. */
export interface Credentials {
  /** A request header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Whether it is tried at every service, so that none may ask anybody else about it. @default false */
  readonly isGuess?: boolean;
}

/** How the callers of one service prove who they are. */
export interface Auth {
  /** Whether a caller must prove anything. */
  readonly required: boolean;
  /** @throws GatewayError `unauthorized`, with the reason for the audit as its detail `reason` */
  identify(request: Credentials): Principal | Promise<Principal>;
  /** Whether a caller that was identified for another service may call this one, too. */
  accepts(principal: Principal): boolean;
  /** Headers that tell a refused caller how to log in. */
  challenge(): Readonly<Record<string, string>>;
}
