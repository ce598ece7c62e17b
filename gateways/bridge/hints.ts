/** What a person should do about a server that fails, as far as what it wrote tells. */

/** What is known of a server that failed. */
export interface Clues {
  readonly stderr: string;
  /** The first line on its standard output that is no message. */
  readonly banner: string | undefined;
  /** The variables that it was given. */
  readonly given: Readonly<Record<string, string | undefined>>;
  /** The gateway's own variables. */
  readonly here: Readonly<Record<string, string | undefined>>;
}

/** @returns a whole sentence, or undefined when nothing is known to help */
export function hintFor(clues: Clues): string | undefined {
  for (const rule of [missingVariable, takenPort, brokenCache, outputIsNotMcp]) {
    const hint = rule(clues);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

/** A server gets no variable that it is not given, and people expect theirs to reach it. */
function missingVariable({ stderr, given, here }: Clues): string | undefined {
  const names = new Set(stderr.match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g));
  const lacks = [...names].filter((name) => here[name] !== undefined && given[name] === undefined);
  if (
    lacks.length === 0 ||
    !/missing|required|not set|unset|undefined|must|need|provide|environment|expected/i.test(stderr)
  )
    return undefined;
  return `${lacks.join(" and ")} ${lacks.length > 1 ? "are" : "is"} set here but not passed on to the server: add ${lacks.map((name) => `--env ${name}`).join(" ")}.`;
}

/** A server with a port of its own can run only once. */
function takenPort({ stderr }: Clues): string | undefined {
  if (!/EADDRINUSE|address already in use|Only one usage of each socket address/i.test(stderr)) return undefined;
  const [, port] =
    /(?:EADDRINUSE|in use)\D{0,40}?[:\s](\d{2,5})\b|:(\d{2,5}).{0,40}in use/i.exec(stderr)?.filter(Boolean) ?? [];
  const which = port === undefined ? "a port" : `port ${port}`;
  return `The server opens ${which} that is in use. If another session's process of it has the port, run it with isolation shared (--isolation shared).`;
}

/** An install that was cut off leaves files behind that npx takes for a whole package (npm/cli#8083). */
function brokenCache({ stderr }: Clues): string | undefined {
  const folder = /[^\s'"`]*[\\/]_npx[\\/][0-9a-f]+/.exec(stderr)?.[0];
  const broken =
    /ENOTEMPTY|could not determine executable|Cannot find (module|package)|MODULE_NOT_FOUND|not found/i.test(stderr);
  if (!broken || (folder === undefined && !/could not determine executable/i.test(stderr))) return undefined;
  return `The cache of npx is most likely broken by an install that was cut off: remove ${folder ?? "the folder _npx in the npm cache"} and start again.`;
}

/** Standard output is for messages alone (MCP 2025-11-25, Transports, "stdio"). */
function outputIsNotMcp({ banner }: Clues): string | undefined {
  if (banner === undefined) return undefined;
  return `It wrote ${JSON.stringify(banner)} to standard output, which is for MCP messages alone: have it log to stderr instead, and check that the command starts an MCP server for stdio.`;
}
