/** What a tunnel's token says of its tunnel. */

/** The tunnel that a token is for. */
export interface TunnelIdentity {
  readonly accountId: string;
  readonly tunnelId: string;
}

/**
 * Reads CF_TUNNEL_TOKEN: base64 of JSON with the account (`a`), the tunnel (`t`) and its secret (`s`).
 * @throws Error that says what was expected; the token is not in it
 */
export function readTunnelToken(token: string): TunnelIdentity {
  const { a: accountId, t: tunnelId, s: secret } = parse(token);
  if (typeof accountId === "string" && typeof tunnelId === "string" && typeof secret === "string")
    return { accountId, tunnelId };
  throw new Error(expected);
}

function parse(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token, "base64").toString()) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(expected, { cause });
  }
}

const expected =
  "CF_TUNNEL_TOKEN is no tunnel's token, expected what `cloudflared tunnel token <name>` prints (base64, beginning with eyJ)";
