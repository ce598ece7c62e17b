/** The door for everything that finds out who calls. */
import type { Principal } from "../principal.ts";

/** What a request shows of its caller. */
export interface Credentials {
  /** A request header, by its name in lower case. */
  header(name: string): string | undefined;
}

/** How the callers of one service prove who they are. */
export interface Auth {
  /** Whether a caller must prove anything. */
  readonly required: boolean;
  /** @throws GatewayError `unauthorized`, with the reason for the audit as its detail `reason` */
  identify(request: Credentials): Principal | Promise<Principal>;
  /** Whether a caller that was identified for another service may call this one, too. */
  accepts(principal: Principal): boolean;
  /**
   * The principal of an id, where it is one of these that do not change: an older gateway that forwards a request tells the id
   * alone. @default nobody is known by the id
   */
  known?(id: string): Principal | undefined;
  /** Headers that tell a refused caller how to log in. */
  challenge(): Readonly<Record<string, string>>;
}
