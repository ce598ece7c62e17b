/** `npx gangway call`: calls a tool of a service, and prints what comes back. */
import { liveLine } from "../gateways/live-line.ts";
import { didYouMean } from "../gateways/config/nearest.ts";
import type { Endpoint, Result } from "./call/endpoint.ts";
import type { Tool } from "./kit/mcp/all-tools.ts";
import { isFailure, resultText } from "./call/result.ts";
import { documentOf } from "./call/said.ts";
import { open } from "./call/target.ts";
import { argumentsFrom } from "./call/words.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print, tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway call <service or URL> <tool> ['{"name": "value"}' | name=value ...]

Calls a tool of a service that runs here, started or deployed to this machine's Docker, or of any MCP endpoint, and prints
its result.

  npx gangway call memory read_graph
  npx gangway call everything get-sum '{"a": 2, "b": 40}'
  npx gangway call everything echo message="good morning"
  npx gangway call http://127.0.0.1:9000/mcp echo message=hi

  --token-file <file>   the bearer token, where the services of this machine have none that fits
  --json                print the result as the server gives it
  --help                print this

Exit code: 0, 1 when the tool fails or cannot be called, 2 when the command line is wrong, 130 after Ctrl-C.`;

const exit = { fine: 0, failed: 1, cancelled: 130 } as const;

export const call = defineVerb({
  name: "gangway call",
  usage,
  flags: { json: "boolean", "token-file": "string" },
  takesNames: true,
  completes: "services",
  run: async ({ json = false, "token-file": tokenFile }, [what, name, ...words]) => {
    if (what === undefined || name === undefined)
      throw new WrongUse("expected a service and a tool, as in: npx gangway call memory read_graph");
    const interrupt = onInterrupt();
    const onProgress = showProgress(name);
    const endpoint = await open({ what, tokenFile });
    try {
      const tool = find(name, await endpoint.tools(), what);
      const args = argumentsFrom(words, tool);
      interrupt.isCalling = true;
      const result = await callTool(endpoint, tool, args, { signal: interrupt.signal, onProgress });
      liveLine.hide();
      if (result === undefined) return exit.cancelled;
      print(json ? documentOf(result) : resultText(result));
      return isFailure(result) ? exit.failed : exit.fine;
    } finally {
      liveLine.hide();
      await endpoint.close();
    }
  },
});

/** Milliseconds between two lines of progress where they add up, as in a pipe. */
const PAUSE = 1_000;

/** Shows that the call runs. @returns what takes the server's words about its progress */
function showProgress(name: string): (text: string) => void {
  let title = `calling ${name}`;
  let last = -Infinity;
  liveLine.show(() => title);
  return (text) => {
    title = `${name}: ${text}`;
    if (liveLine.isShown || performance.now() - last < PAUSE) return;
    last = performance.now();
    tell(`  ${title}`);
  };
}

/** @returns undefined when the caller has cancelled it */
async function callTool(
  endpoint: Endpoint,
  { name }: Tool,
  args: object,
  during: Parameters<Endpoint["call"]>[2],
): Promise<Result | undefined> {
  try {
    return await endpoint.call(name, args, during);
  } catch (error) {
    if (during.signal.aborted) return undefined;
    throw error;
  }
}

/** The first Ctrl-C cancels the call, which tells the server so. The second, and one before the call, ends us at once. */
function onInterrupt(): { readonly signal: AbortSignal; isCalling: boolean } {
  const cancelling = new AbortController();
  const interrupt = { signal: cancelling.signal, isCalling: false };
  process.on("SIGINT", () => {
    if (cancelling.signal.aborted || !interrupt.isCalling) process.exit(exit.cancelled);
    tell("cancelling the call; Ctrl-C again leaves at once");
    cancelling.abort();
  });
  return interrupt;
}

function find(name: string, tools: readonly Tool[], what: string): Tool {
  const tool = tools.find((one) => one.name === name);
  if (tool !== undefined) return tool;
  const names = tools.map((one) => one.name);
  throw new WrongUse(`${what} has no tool "${name}"${didYouMean(name, names) || "."} There are: ${names.join(", ")}`);
}
