/** Who calls a service, as its auth has found out. */
export interface Principal {
  /** Stable and safe to log; "anonymous" where no token is needed. */
  readonly id: string;
}
