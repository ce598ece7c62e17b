/**
 * What is known of a client: where its configuration is, what stands there for one service, and how it learns the token.
 * Pure data and pure functions: the verb `gangway clients` prints and writes them, and the hub's page shows them.
 */

/** One service (or group, or the hub as a whole) that a client is to connect to. */
export interface Target {
  /** What the client calls it: the service's name. */
  readonly name: string;
  /** Its endpoint, which ends in `/mcp`. */
  readonly url: string;
  /** undefined = it asks for no token. */
  readonly token?: Token | undefined;
  /** Whether its callers may log in with their browser: a client that can needs the URL alone. @default false */
  readonly hasLogin?: boolean | undefined;
  /**
   * Where the token is taken of a service that has logins, too: a client that finds those at a URL drops its header.
   * @default - at `url`
   */
  readonly keyUrl?: string | undefined;
}

/** What opens the service. */
export interface Token {
  /** The environment variable that holds it. */
  readonly variable: string;
  /** The token itself, for clients that cannot refer to a variable. @default - `PLACEHOLDER`, for the reader to replace */
  readonly value?: string | undefined;
  /** Whether it is the caller's own, of the API behind the service, which nobody here can print. @default false */
  readonly isOwn?: boolean | undefined;
}

/** Stands for a token that only its owner has. */
export const PLACEHOLDER = "<the token>";

/** The machine of the client. */
export interface Place {
  readonly os: "darwin" | "linux" | "win32";
  /** The user's home folder; `~` in what is only shown. */
  readonly home: string;
  /** Some clients move their folder by a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What stands in a file. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** A map with keys. */
export type Entry = { readonly [key: string]: Value };

/** One change of a file. */
export type Edit =
  /** The value at these keys. */
  | { readonly at: readonly string[]; readonly value: Entry }
  /** An item of the list at these keys: the one whose member `by` is this. */
  | { readonly at: readonly string[]; readonly by: string; readonly is: string; readonly value: Entry };

/**
 * How a client gets the token: `reference` = the file names the variable; `value` = the file holds the token, so it is for its
 * owner alone and never lies in a project; `prompt` = the client asks for it once; `ui` = a person enters it there.
 */
export type TokenBy = "reference" | "value" | "prompt" | "ui";

interface Known {
  /** As `--client` names it: lower case, with hyphens. */
  readonly id: string;
  readonly title: string;
  /** What the format was checked against: `live` = the client connected, `read` = its documentation or source was read. */
  readonly checked: { readonly version: string; readonly how: "live" | "read"; readonly unverified?: string };
  readonly tokenBy: TokenBy;
  /** What happens when it finds a login (OAuth) at the URL: one or two sentences. @default - it cannot log in, or nobody knows */
  readonly login?: (target: Target) => string;
  /** The words of the client's own command that adds the service; undefined = it cannot add this one. */
  readonly command?: (target: Target) => readonly string[] | undefined;
  /** What a person must know beside it: one or two sentences. */
  readonly note?: (target: Target) => string | undefined;
}

/** A client that reads a file. */
export interface FileClient extends Known {
  readonly kind: "json" | "jsonc" | "toml" | "yaml";
  /** Where it is. Neither = it is pasted into the client's settings. `project` is relative to the project's folder. */
  readonly files: (place: Place) => { readonly user?: string; readonly project?: string };
  /** What the client needs in its file. The first edit is the service's own entry. */
  readonly edits: (target: Target) => readonly [Edit, ...Edit[]];
}

/** A client that is set up by hand. */
export interface UiClient extends Known {
  readonly kind: "ui";
  /** What to enter, and where: one step a line. */
  readonly text: (target: Target) => string;
}

/** A program that calls the service. */
export interface SnippetClient extends Known {
  readonly kind: "sh" | "python" | "typescript";
  /** It runs as it is printed. */
  readonly text: (target: Target) => string;
}

/** Whatever connects to a service. */
export type Client = FileClient | UiClient | SnippetClient;

/** Whether it logs in by itself where it finds that a service has logins. */
export const canLogIn = ({ login }: Client): boolean => login !== undefined;
