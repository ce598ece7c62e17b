/** A bearer token that has a name, and may open less than all, and not for ever. */

/** What is known of one; the token itself is nowhere but with its holder. */
export interface NamedToken {
  /** SHA-256 of the token, in hexadecimal. */
  readonly digest: string;
  /** What it is called in the audit and in `allow`. Sessions belong to the name, so a new token of the same name goes on with them. */
  readonly name: string;
  /** Patterns of what it opens (`Principal.tools`). @default everything */
  readonly tools?: readonly string[] | undefined;
  /** When it ends, in milliseconds since 1970. @default never */
  readonly expires?: number | undefined;
}
