/** What is known of a client that this lab runs. */

/** Where a client runs, and what it is to do. */
export interface Desk {
  /** Its HOME, a folder that is deleted afterwards. */
  readonly home: string;
  /** The address of the model: `http://127.0.0.1:<port>`. */
  readonly model: string;
  /** What the service is called. */
  readonly service: string;
  /** The tool and its arguments, for clients that are told on the command line. */
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The file that our verb has written. */
  readonly file: string;
}

/** A client. */
export interface Program {
  /** As `--client` of this lab names it. */
  readonly name: string;
  /** Whose configuration it reads: a client of `gangway clients --client`. */
  readonly client: string;
  /** Where it comes from. */
  readonly from: FromNpm | FromPypi;
  /** Text that stands in its files before ours: each by its path below HOME. @default none */
  readonly files?: (desk: Desk) => Readonly<Record<string, string>>;
  /** The words that tell it of the model, where no file does. @default none */
  readonly setUp?: (desk: Desk) => readonly string[];
  /** Beside PATH and HOME. @default none */
  readonly env?: (desk: Desk) => Readonly<Record<string, string>>;
  /** The words after the program that list the servers or their tools. @default - it has no such command */
  readonly list?: (desk: Desk) => readonly string[];
  /** What stands in that list when it has connected. @default - the service's name */
  readonly listed?: RegExp;
  /** The words that call the tool, itself or through the model. @default - it calls nothing without an account: why */
  readonly call: ((desk: Desk) => readonly string[]) | { readonly notHere: string };
  /** Milliseconds that a command may take. @default 120000 */
  readonly patience?: number;
}

/** A package of npm, pinned in `packages/<folder>`. */
export interface FromNpm {
  readonly npm: string;
  /** A program in `node_modules/.bin`, or a path below `node_modules`. */
  readonly bin: string;
}

/** Packages of PyPI, of which the first is the client. */
export interface FromPypi {
  readonly pypi: readonly [string, ...string[]];
  readonly bin: string;
}

/** What each client is asked that has a model. */
export const PROMPT = "Stamp the word with the tool make_stamp, then say that you are done.";
