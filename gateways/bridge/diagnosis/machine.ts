/** Faults of the machine that a server runs on: its disk, memory, ports, files, and the version of its interpreter. */
import type { Clues, Fault } from "./clues.ts";

/** What an old Node says of a package that is written for a newer one. */
const OLD_NODE =
  /(?:File|fetch|CustomEvent|WebSocket|navigator|structuredClone) is not defined|No such built-in module|ERR_UNKNOWN_BUILTIN_MODULE|Invalid regular expression flags|(?:withResolvers|styleText|parseArgs|findLast|toSorted|getBuiltinModule)\W[^\n]*is not a function|does not provide an export named '(?:styleText|parseArgs|registerHooks)'/;

/** By what a server writes to standard error. */
export const machineFaults: readonly Fault[] = [
  [/ENOSPC|No space left on device/, "The disk is full: free some space, and start again."],
  [
    /heap out of memory|Reached heap limit/,
    "The server ran out of memory: give its Node more (--env NODE_OPTIONS=--max-old-space-size=4096).",
  ],
  [/^MemoryError\b/m, "The server ran out of memory."],
  [
    /EADDRINUSE|address already in use|Only one usage of each socket address/i,
    ({ input }) => {
      const [, port] =
        /(?:EADDRINUSE|in use)\D{0,40}?[:\s](\d{2,5})\b|:(\d{2,5}).{0,40}in use/i.exec(input)?.filter(Boolean) ?? [];
      const which = port === undefined ? "a port" : `port ${port}`;
      return `The server opens ${which} that is in use. If another session's process of it has the port, run it with isolation shared (--isolation shared).`;
    },
  ],
  [
    /Exec format error|cannot execute binary file|: \x7fELF|ELF: not found/,
    ({ input }, { command }) =>
      `${/^([^\s:]+): (?:cannot execute|Exec format)/m.exec(input)?.[1] ?? command} is a program for another kind of machine, or no program at all: install the build for ${process.platform} ${process.arch}.`,
  ],
  [
    /env: (?:can't execute )?['‘]?(\w+)\\r['’]?: No such file/,
    ([, name]) =>
      `The script's lines end as on Windows (CRLF), so that its interpreter "${name}" is not found: save it with LF.`,
  ],
  [
    /env: ['‘]?([\w.-]+)['’]?: No such file/,
    ([, name = ""]) => `It needs ${name}, which is not installed here, or not on the PATH.`,
  ],
  [
    /^(?:\S*sh): (?:(?:line )?\d+: )?([^\s:]+): (?:command )?not found/m,
    ([, name = ""]) => `It runs ${name}, which is not installed here, or not on the PATH.`,
  ],
  [OLD_NODE, ({ input }) => oldNode(input)],
  [
    /required: \{ node: '([^']+)' \}[\s\S]*?current: \{ node: '(v[\d.]+)'/,
    ([, needs, has]) => `It needs Node ${needs}, and this is ${has}: install a newer Node.`,
  ],
  [
    /Cannot find (?:module|package) '([^'./][^']*)' imported from|Cannot find module '([^'./][^']*)'\s+Require stack/,
    ([, name, other]) => `Its dependency ${name ?? other} is not installed: run npm install in its folder.`,
  ],
  [
    /Cannot find module '([^']+)'[\s\S]*?(?:requireStack: \[\]|executeUserEntryPoint|code: 'ERR_MODULE_NOT_FOUND')/,
    ([, path]) => `There is no file ${path}: check the path, and build the server if it is made by a build.`,
  ],
  [/can't open file '([^']+)': \[Errno 2\]/, ([, path]) => `There is no file ${path}: check the path.`],
  [
    /No module named '?([\w.]+)'?/,
    ([, name]) =>
      `This Python has no module ${name}: install it there (python -m pip install ...), or run the server with uvx.`,
  ],
];

const oldNode = (input: string) => {
  const version = /^Node\.js (v[\d.]+)/m.exec(input)?.[1];
  return version && `It is most likely written for a newer Node than ${version}: install one.`;
};

/** What the end alone tells. */
export function endFault({ end, command, args, stderr, stdout }: Clues): string | undefined {
  if (end === undefined) return undefined;
  if (end.signal === "SIGKILL" || end.code === 137)
    return "Something killed it, most likely because the memory ran out: give the machine or its container more.";
  if (end.code === 127) return "That is how a shell says that a command is not found: check the command line.";
  if (isDocker(command) && args.includes("run") && !args.some((word) => /^(-[a-z]*i[a-z]*|--interactive)$/.test(word)))
    return "docker run needs -i, or the server gets no input.";
  if (end.code === 0 && stderr === "" && stdout === "")
    return "It ended without a word: check that the command starts an MCP server for stdio (some want an argument such as stdio).";
  return undefined;
}

const isDocker = (command: string) => /(^|[\\/])(docker|podman|nerdctl)$/.test(command);
