import { expect, test } from "vitest";
import { refusedUnrun, verdictOn } from "./session-loss.ts";

const error = (code: number, message: string) => JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } });

test.for([
  [404, "", "lost"],
  [404, error(-32001, "Session not found"), "lost"],
  [404, "<html>not here</html>", "lost"],
  [404, error(-32601, "Method not found"), "held"],
  [410, "", "lost"],
  [400, error(-32000, "Bad Request: No valid session ID provided"), "doubtful"],
  [400, error(-32000, "Bad Request: Mcp-Session-Id header is required"), "doubtful"],
  [400, error(-32000, "Bad Request: Server not initialized"), "doubtful"],
  [400, error(-32600, "Session not found"), "doubtful"],
  [400, "Invalid session", "doubtful"],
  [400, "Missing session ID", "doubtful"],
  [400, "session terminated", "doubtful"],
  [400, "unknown session", "doubtful"],
  [400, "Session ID abc is not recognized", "doubtful"],
  [400, "Could not find session abc", "doubtful"],
  [400, "", "doubtful"],
  [400, error(-32602, "name must be a string"), "held"],
  [400, error(-32600, "Invalid Request"), "doubtful"],
  [401, "", "held"],
  [401, "session expired", "doubtful"],
  [403, "", "held"],
  [405, "", "held"],
  [413, "", "held"],
  [429, "", "held"],
  [409, "", "doubtful"],
  [422, "", "doubtful"],
  [500, "", "doubtful"],
  [502, "<html>bad gateway</html>", "doubtful"],
  [503, "", "doubtful"],
  [503, "No active session", "doubtful"],
  [200, error(-32000, "Session not found"), "doubtful"],
  [200, error(-32603, "Session expired, please re-initialize"), "doubtful"],
  [200, error(-32000, "no such file"), "held"],
  [200, error(-32000, "obsession with files not found"), "held"],
] as const)("HTTP %s with %s: the session is %s", ([status, said, verdict]) => {
  expect(verdictOn(status, said)).toBe(verdict);
});

test.for([
  [404, "", true],
  [400, "", true],
  [200, error(-32000, "Session not found"), true],
  [503, "No active session", true],
  [503, "", false],
  [500, "", false],
] as const)("a request refused with HTTP %s %s in a lost session has surely not run: %s", ([status, said, unrun]) => {
  expect(refusedUnrun(status, said)).toBe(unrun);
});
