/** Asks the MCP registry for a server's server.json. */

/** The official one. @see its OpenAPI document of 2025-12-01 */
const OFFICIAL = "https://registry.modelcontextprotocol.io";

/** Milliseconds that it has to answer, and the most bytes that it may. */
const TIME = 15_000;
const MOST = 1_000_000;

/** What is asked for. */
export interface Asked {
  /** As in "io.github.owner/server". */
  readonly name: string;
  /** @default - the latest one */
  readonly version?: string | undefined;
}

/**
 * The `server` of the answer, as it came.
 * @param base where the registry is @default - the official one
 * @throws Error when there is no such server, or no registry
 */
export async function askRegistry(
  { name, version = "latest" }: Asked,
  signal: AbortSignal,
  base = OFFICIAL,
): Promise<unknown> {
  const url = new URL(`/v0.1/servers/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`, base);
  const answer = await fetch(url, {
    headers: { accept: "application/json" },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIME)]),
  }).catch((error: Error) => {
    throw new Error(`the MCP registry cannot be reached (${reasonOf(error)})${instead}`, { cause: error });
  });
  if (answer.status === 404)
    throw new Error(`the MCP registry has no ${name}${version === "latest" ? "" : ` ${version}`}`);
  const text = await bodyOf(answer);
  if (!answer.ok) throw new Error(`the MCP registry answers ${answer.status}${instead}`);
  return serverIn(text);
}

const instead = ": name the package itself, as in npx gangway add <npm package>, or a server.json that you have";

async function bodyOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > MOST) throw new Error("the MCP registry sends more than 1 MB, expected one server.json");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function serverIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly server?: unknown } | null)?.server;
  } catch (cause) {
    throw new Error("the MCP registry does not answer with JSON", { cause });
  }
}

/** Node's fetch has the reason one level down. */
function reasonOf({ name, message, cause }: Error): string {
  if (name === "TimeoutError") return `no answer within ${TIME / 1_000} s`;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}
