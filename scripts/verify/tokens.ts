/** Which tokens a service accepts, asked without opening a session. */
import { McpClient } from "../kit/mcp/client.ts";

/** Whether the service lets this token in: a call in a session that does not exist is 401 only to those whom it does not know. */
export async function isAccepted(client: McpClient, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}`, "mcp-session-id": "no-such-session" };
  return (await client.post("tools/list", {}, headers)).status !== 401;
}

/**
 * The first token that the service accepts: the newest, unless it has not been deployed yet. Where none is, the newest, so that
 * the checks say what is wrong.
 */
export async function firstAccepted(url: string, tokens: readonly string[]): Promise<string | undefined> {
  const [newest, ...older] = tokens;
  if (newest === undefined || older.length === 0) return newest;
  const client = new McpClient(url);
  for (const token of tokens) if (await isAccepted(client, token).catch(() => false)) return token;
  return newest;
}
