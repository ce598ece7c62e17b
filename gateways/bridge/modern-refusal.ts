/** What the refusal of a request tells about the era of the upstream that refuses it (MCP 2026-07-28, Versioning, "Backward Compatibility"). */
import { find, written } from "../jsonrpc.ts";

/** Statuses with which a server refuses a request of an era that it does not speak. */
const STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 415, 422]);

/** Codes that only servers of the modern era give: a wrong header, a capability that is missing, a revision. */
const MODERN: ReadonlySet<string> = new Set(["-32020", "-32021", "-32022"]);

/** Codes that servers of both eras give. Legacy ones say with -32600 that a session is missing, so that is not among them. */
const COMMON: ReadonlySet<string> = new Set(["-32700", "-32601", "-32602", "-32603"]);

const codeOf = (error: string | undefined) => (error === undefined ? "" : (written(error, 0, "code") ?? ""));

/** Whether the refusal of a modern request may mean that the server does not speak the era. @param error as it was sent */
export function leavesDoubt(status: number, error: string | undefined): boolean {
  const code = codeOf(error);
  return STATUSES.has(status) && !MODERN.has(code) && !COMMON.has(code);
}

/** Whether the refusal of a legacy request shows that the server does not speak that era. @param error as it was sent */
export const isModernRefusal = (error: string | undefined): boolean => MODERN.has(codeOf(error));

/** Whether headers that repeat parts of a request are missing or differ. @param error as it was sent */
export const isHeaderMismatch = (error: string | undefined): boolean => codeOf(error) === "-32020";

/** Whether an answer to `server/discover` is that of a modern server. A failure of its own does not change its era. */
export function isModernAnswer(answer: string | undefined): boolean {
  if (answer === undefined) return false;
  if (find(answer, 0, "result", "supportedVersions")) return true;
  const code = codeOf(written(answer, 0, "error"));
  return MODERN.has(code) || code === "-32603";
}
