/** Asks Cloudflare for a tunnel's token, when it is needed: its place is on the droplet, and in no state. */
import { z } from "zod";

export interface TunnelTokenRequest {
  readonly apiToken: string;
  readonly accountId: string;
  readonly tunnelId: string;
  /** @default "https://api.cloudflare.com/client/v4" */
  readonly baseUrl?: string;
}

const answer = z.object({
  result: z.string().nullish(),
  errors: z.array(z.object({ message: z.string() })).default([]),
});

/** @throws Error that says what Cloudflare refused, and what to look at */
export async function fetchTunnelToken(request: TunnelTokenRequest): Promise<string> {
  const { apiToken, accountId, tunnelId, baseUrl = "https://api.cloudflare.com/client/v4" } = request;
  const url = `${baseUrl.replace(/\/$/, "")}/accounts/${accountId}/cfd_tunnel/${tunnelId}/token`;
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${apiToken}` },
    signal: AbortSignal.timeout(30_000),
  });
  const { result, errors } = answer.parse(await response.json());
  if (response.ok && result) return result;
  const reason = errors.map(({ message }) => message).join("; ") || `HTTP ${response.status}`;
  throw new Error(
    `Cloudflare did not give the token of tunnel ${tunnelId} (${reason}): CLOUDFLARE_API_TOKEN needs "Cloudflare Tunnel: Edit" for the account`,
  );
}
