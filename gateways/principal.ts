/** Who calls a service, as its auth has found out. */
export interface Principal {
  /** Stable and safe to log; "anonymous" where no token is needed. Sessions belong to it. */
  readonly id: string;
  /** What people call it, for the audit and for `allow`: a user's e-mail address, the name of a token. @default - the id */
  readonly name?: string;
  /** The teams of a user: an entry's `allow` may name them instead of each user. */
  readonly teams?: readonly string[];
  /**
   * Patterns of the tools that its token opens (`sessions/tools/grant.ts`): the others are neither listed nor callable. Of
   * resources and prompts it opens none, unless `@resources` or `@prompts` is among them. An empty list opens nothing.
   * @default - all
   */
  readonly tools?: readonly string[];
  /**
   * Patterns of the tools that its token's scopes open. The others are listed, so that a client that wants one asks its user for
   * more: a call of them is refused with `insufficient_scope` (403).
   * @default - all
   */
  readonly scopedTools?: readonly string[];
  /** Whether it is whoever runs the gateway, as the holder of its own tokens is: no `allow` concerns it. @default false */
  readonly isOperator?: boolean;
  /** When its token ends, in milliseconds since 1970: whatever it sends later is refused, also on a connection that is open. @default never */
  readonly expires?: number;
  /** The caller's own secret for the API behind the service (`auth: "verify"`): only a server of its own is given it. */
  readonly credential?: string;
}

/** What each may use of a service: patterns by a principal's name, a team, or `*` for everybody who is let in. */
export type Allow = Readonly<Record<string, readonly string[]>>;

/** A principal as the log has it. The name is left out where it is the id. */
export const named = ({ id, name }: Pick<Principal, "id" | "name">): { principal: string; name?: string } =>
  name === undefined || name === id ? { principal: id } : { principal: id, name };
