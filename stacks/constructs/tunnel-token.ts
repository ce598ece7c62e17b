/** What a tunnel's token says of its tunnel. The secret in it is not kept. */

/** A tunnel that exists already. */
export interface ExistingTunnel {
  readonly accountId: string;
  readonly id: string;
}

/**
 * Reads the account and the id of a tunnel out of its token: base64 of `{"a": account, "t": tunnel, "s": secret}`.
 * @throws Error that shows nothing of the token
 */
export function readTunnelToken(token: string): ExistingTunnel {
  const { a: accountId, t: id, s: secret } = fieldsOf(token);
  if (!isText(accountId, /^[0-9a-f]{32}$/)) throw unexpected("its account (field a) is not 32 hexadecimal digits");
  if (!isText(id, UUID)) throw unexpected("its tunnel's id (field t) is no UUID");
  if (!isText(secret, /./)) throw unexpected("its secret (field s) is missing");
  return { accountId, id };
}

function fieldsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(Buffer.from(token.trim(), "base64").toString("utf8"));
    if (typeof fields === "object" && fields !== null) return { ...fields };
  } catch {
    // No cause: a JSON error quotes what it has read.
  }
  throw unexpected("it is no base64 of a JSON object");
}

const unexpected = (what: string) =>
  new Error(
    `CF_TUNNEL_TOKEN is not a tunnel's token: ${what}. Copy the long text that starts with "eyJ" from Cloudflare's ` +
      "dashboard (Zero Trust, Networks, Tunnels, your tunnel, Install a connector), or unset it to have a tunnel created",
  );

const isText = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
