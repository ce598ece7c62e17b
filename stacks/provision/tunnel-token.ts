/** Fetches the token of a tunnel when it is needed, without storing it. */
import { setTimeout as sleep } from "node:timers/promises";

export interface TunnelTokenRequest {
  readonly apiToken: string;
  readonly accountId: string;
  readonly tunnelId: string;
  /** @default "https://api.cloudflare.com/client/v4" */
  readonly baseUrl?: string | undefined;
  /** ms before the second try; doubles with each try. @default 1_000 */
  readonly pause?: number;
}

/** How often to ask while Cloudflare is busy or unreachable. */
const TRIES = 4;

/**
 * Asks Cloudflare for the token that lets a connector join the tunnel.
 * @throws Error that says what to do, without showing a token
 */
export async function fetchTunnelToken(request: TunnelTokenRequest): Promise<string> {
  for (let tried = 1; ; tried += 1) {
    const answer = await ask(request);
    if (answer instanceof Response && !isTemporary(answer.status)) return tokenIn(answer, request);
    const reason = answer instanceof Response ? `status ${answer.status}` : answer.message;
    if (tried === TRIES)
      throw new Error(`Cloudflare did not return the tunnel token (${reason}, ${TRIES} tries): apply again later`);
    await sleep((request.pause ?? 1_000) * 2 ** (tried - 1));
  }
}

async function ask({ apiToken, accountId, tunnelId, baseUrl }: TunnelTokenRequest): Promise<Response | Error> {
  const url = `${baseUrl ?? CLOUDFLARE}/accounts/${accountId}/cfd_tunnel/${tunnelId}/token`;
  const headers = { Authorization: `Bearer ${apiToken}` };
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const isTemporary = (status: number) => status === 429 || status >= 500;

async function tokenIn(answer: Response, request: TunnelTokenRequest): Promise<string> {
  const body = (await answer.json().catch(() => ({}))) as Envelope;
  if (answer.ok && typeof body.result === "string" && body.result !== "") return body.result;
  const said = body.errors?.map(({ code, message }) => `${message} (${code})`).join(", ") || "no message";
  throw new Error(
    `Cloudflare refused to return the tunnel token: status ${answer.status}, ${said}. ${remedy(answer, request)}`,
  );
}

function remedy({ status }: Response, { accountId, tunnelId }: TunnelTokenRequest): string {
  if (status === 400 || status === 401 || status === 403)
    return `Give CLOUDFLARE_API_TOKEN the right Account / Cloudflare Tunnel / Edit on the account ${accountId}`;
  if (status === 404)
    return (
      `The account ${accountId} has no tunnel ${tunnelId}: if it was deleted, deploy the stack edge again; if it comes from ` +
      "CF_TUNNEL_TOKEN, set a new token or unset the variable"
    );
  return "Apply again; if it still fails, look at https://www.cloudflarestatus.com";
}

interface Envelope {
  readonly result?: unknown;
  readonly errors?: readonly { readonly code: number; readonly message: string }[];
}

const CLOUDFLARE = "https://api.cloudflare.com/client/v4";
