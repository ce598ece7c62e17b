/** `npx gangway connect`: an MCP server at a URL, for a client that only starts processes. */
import { readFileSync } from "node:fs";
import { WrongUse } from "./kit/arguments.ts";
import { endpointUrl } from "./kit/endpoint-url.ts";
import { tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway connect <url>

Connects a client that only starts processes, such as Claude Desktop, to an MCP server at a URL: stdin and stdout on the
client's side, Streamable HTTP or HTTP with SSE on the server's. It ends when the client does.

  npx gangway connect https://memory.example.com/mcp
  MCP_HTTP_URL=https://memory.example.com/mcp MCP_BEARER_TOKEN=... npx gangway connect

  --token-file <file>      the bearer token is in this file
  --token-env <variable>   the bearer token is in this variable of the environment
  --help                   print this

Without a flag the token is in MCP_BEARER_TOKEN, if there is one. Without an argument the URL is in MCP_HTTP_URL.
Exit code: 0 when the client has ended it, 2 when the command line is wrong.`;

export const connect = defineVerb({
  name: "gangway connect",
  usage,
  flags: { "token-file": "string", "token-env": "string" },
  refuses: {
    token: "a token on the command line can be read by every user of the machine. Set MCP_BEARER_TOKEN instead",
  },
  takesNames: true,
  keepsFiles: false,
  run: async (flags, names) => {
    const url = urlIn(names);
    const token = tokenFrom(flags);
    const ending = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ending.abort());
    const { connect } = await import("../gateways/connect/connect.ts");
    const { stdin: input, stdout: output } = process;
    await connect({ url, token, input, output, signal: ending.signal, tell: (text) => tell(`gangway: ${text}`) });
    process.exit(0); // what the client has not read by now, it does not read
  },
});

function urlIn([word = process.env["MCP_HTTP_URL"]?.trim() ?? "", ...more]: readonly string[]): string {
  if (word === "" || more.length > 0)
    throw new WrongUse("expected one URL, as in: npx gangway connect https://memory.example.com/mcp");
  const url = endpointUrl(word);
  if (url === undefined) throw new WrongUse(`got ${word}, expected a URL: https://memory.example.com/mcp`);
  return url;
}

interface TokenFlags {
  readonly "token-file"?: string | undefined;
  readonly "token-env"?: string | undefined;
}

function tokenFrom({ "token-file": file, "token-env": variable }: TokenFlags): string | undefined {
  if (file !== undefined && variable !== undefined)
    throw new WrongUse("got --token-file and --token-env, expected one of them");
  if (file !== undefined) return checked(read(file), `--token-file: ${file}`);
  const value = process.env[variable ?? "MCP_BEARER_TOKEN"]?.trim() ?? "";
  if (value !== "") return checked(value, variable ?? "MCP_BEARER_TOKEN");
  if (variable !== undefined) throw new WrongUse(`--token-env: ${variable} is not set`);
  return undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new WrongUse(`--token-file: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** What may stand in a header. The value itself is not shown. */
function checked(token: string, where: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new WrongUse(`${where} ${token === "" ? "is empty" : "is no token"}, expected one word of ASCII`);
}
