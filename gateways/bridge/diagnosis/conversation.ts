/** Faults of servers that expect somebody else at the other end: arguments, a person, or a client over HTTP. */
import { lineOf, quoted, type Clues } from "./clues.ts";

const USAGE = /^\s*usage:? [^\n]+/im;
const ARGUMENTS =
  /[^\n]*(?:(?:as|via) (?:a |an )?(?:command[- ]line )?argument|arguments? (?:are|is) required|missing (?:required )?(?:positional )?argument|required (?:option|flag|argument)|(?:unknown|unrecognized|unexpected|invalid) (?:option|argument|flag|command|subcommand)|too few arguments|must (?:specify|provide|pass) (?:a|an|at least one|the) )[^\n]*/i;

/** A server that ends because of its command line says how it wants to be called. */
export function wantsArguments({ stderr, stdout, end }: Clues): string | undefined {
  if (end === undefined || end.signal !== null) return undefined;
  const said = `${stderr}\n${stdout}`;
  const line = (ARGUMENTS.exec(said) ?? USAGE.exec(said))?.[0];
  if (line === undefined) return undefined;
  const usage = USAGE.exec(said)?.[0] ?? line;
  const problem = usage === line ? "" : ` ${quoted(line)}`;
  return `It wants other arguments:${problem} ${quoted(usage)}. Add them to its command.`;
}

/** The last line, when it has not ended. */
const QUESTION = /(?:^|\n)([^\n]*(?:\?|:|\[y\/n\]|\(y(?:\/n)?\))) ?$/i;
/** Of the last line on standard error it is not known whether it has ended. */
const ASKS = /enter|password|passphrase|token|api key|continue|proceed|log ?in|[[(]y/i;
const TERMINAL =
  /[^\n]*(?:not a (?:tty|terminal)|requires? (?:a|an interactive) (?:tty|terminal)|Inappropriate ioctl|setRawMode|interactive terminal)[^\n]*/i;

/** A server that asks a person: nobody is there, and its standard input is for messages. */
export function asksInVain({ stderr, stdout, end }: Clues): string | undefined {
  const said = `${stderr}\n${stdout}`;
  const terminal = TERMINAL.exec(said)?.[0];
  if (terminal !== undefined)
    return `It wants a terminal (${quoted(terminal)}), and there is none: give it what it asks for by arguments or variables.`;
  if (end !== undefined) return undefined;
  const logged = QUESTION.exec(stderr)?.[1] ?? "";
  const question = QUESTION.exec(stdout)?.[1] ?? (ASKS.test(logged) ? logged : "");
  if (!/\w/.test(question)) return undefined;
  return `It asks ${quoted(question)}, and nobody can answer: give it that by arguments or variables.`;
}

const HTTP = [
  /\b(?:listening|running|started|serving|server|available|ready|uvicorn)\b[^\n]*?(https?:\/\/[^\s,;)"'`]+)/i,
  /\b(?:listening|running|started|serving|ready)\b[^\n]*?\bport\b[^\n\d]{0,4}(\d{2,5})\b/i,
  /\blistening (?:on|at)\b[^\n]*?:(\d{2,5})\b/i,
];

/** A server that has been started for HTTP waits for clients at a port of its own. */
export function servesHttp({ stderr, stdout }: Clues): string | undefined {
  const said = `${stdout}\n${stderr}`;
  const found = HTTP.map((pattern) => pattern.exec(said)).find((match) => match && !/stdio/i.test(lineOf(match)));
  if (!found?.[1]) return undefined;
  const url = /^\d+$/.test(found[1]) ? `http://127.0.0.1:${found[1]}/mcp` : found[1];
  return `It seems to serve HTTP itself (${quoted(lineOf(found))}): give it its option for stdio, or keep it running and use --url ${url}.`;
}
