/** A request whose body is only announced. */
import { type Answer, type McpClient, read } from "../kit/mcp/client.ts";

/**
 * Announces a body of so many bytes, and sends it only to a server that waits for it: one that refuses the announcement
 * may hang up at once, and its answer would be lost.
 */
export function announce(client: McpClient, bytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...client.headers, "content-type": "application/json", "content-length": String(bytes) };
    const request = client.http.request({ headers });
    const sendAfterAll = setTimeout(() => request.end(Buffer.alloc(bytes, " ")), 1_000);
    request.once("close", () => clearTimeout(sendAfterAll));
    request.once("response", (response) => {
      clearTimeout(sendAfterAll);
      resolve(read(response).finally(() => request.destroy()));
    });
    request.once("error", reject);
    request.flushHeaders();
  });
}
