/** Reads the account and the id of a tunnel from its token, without keeping the secret in it. */

/** A tunnel that already exists. */
export interface ExistingTunnel {
  readonly accountId: string;
  readonly id: string;
}

/**
 * Reads a token, which is the base64 of `{"a": account, "t": tunnel, "s": secret}`.
 * @throws Error that does not show the token
 */
export function readTunnelToken(token: string): ExistingTunnel {
  const { a: accountId, t: id, s: secret } = fieldsOf(token);
  if (!isText(accountId, /^[0-9a-f]{32}$/)) throw unexpected("its account (field a) is not 32 hexadecimal digits");
  if (!isText(id, UUID)) throw unexpected("its tunnel id (field t) is not a UUID");
  if (!isText(secret, /./)) throw unexpected("its secret (field s) is missing");
  return { accountId, id };
}

function fieldsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(Buffer.from(token.trim(), "base64").toString("utf8"));
    if (typeof fields === "object" && fields !== null) return { ...fields };
  } catch {
    // Do not pass the error on as a cause: it quotes the token.
  }
  throw unexpected("it is not the base64 of a JSON object");
}

const unexpected = (what: string) =>
  new Error(
    `CF_TUNNEL_TOKEN is not a tunnel token: ${what}. Copy the long text that starts with "eyJ" from Cloudflare's ` +
      "dashboard (Zero Trust, Networks, Tunnels, your tunnel, Install a connector), or unset it to create a tunnel",
  );

const isText = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
