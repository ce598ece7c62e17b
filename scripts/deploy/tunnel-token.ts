/**
 * Notices a tunnel's token that was refreshed at Cloudflare: Terraform knows the tunnel, and not its token, which is in no state.
 * The token that the connector has is compared on the engine, by its digest.
 */
import { createHash } from "node:crypto";
import { fetchTunnelToken } from "../../stacks/provision/tunnel-token.ts";
import type { Settings } from "../../stacks/settings.ts";
import type { AskEngine } from "./engine-words.ts";
import type { Known } from "./known.ts";

/** What has to be replaced for a token, and a line that says why. */
export interface Refreshed {
  readonly addresses: readonly string[];
  readonly notice: string;
}

/** @returns undefined when the connector has Cloudflare's token, when there is none of ours, or when nobody can say */
export async function refreshedToken(
  { known }: { readonly known: Known },
  settings: Settings,
  ask: AskEngine,
  fetchToken = fetchTunnelToken,
): Promise<Refreshed | undefined> {
  const { tunnelId, connector } = known;
  const [apiToken, accountId] = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"].map((name) => settings.value(name));
  if (tunnelId === undefined || connector === undefined || settings.value("CF_TUNNEL_TOKEN") !== undefined)
    return undefined;
  if (apiToken === undefined || accountId === undefined) return undefined;
  const has = await digestIn(connector.volume, connector.writer, ask);
  if (has === undefined) return undefined;
  const token = await fetchToken({
    apiToken,
    accountId,
    tunnelId,
    baseUrl: settings.value("CLOUDFLARE_BASE_URL"),
  });
  if (createHash("sha256").update(token).digest("hex") === has) return undefined;
  return {
    addresses: connector.addresses,
    notice: "the tunnel's token was refreshed at Cloudflare: the connector is started again with the new one",
  };
}

/** The digest of the token in the connector's volume; undefined where it has none. */
async function digestIn(volume: string, image: string, ask: AskEngine): Promise<string | undefined> {
  const mount = `type=volume,source=${volume},target=/secrets,readonly`;
  const run = ["run", "--rm", "--network", "none", "--user", "root", "--mount", mount, "--entrypoint", "sha256sum"];
  const said = await ask([...run, image, "/secrets/CF_TUNNEL_TOKEN"]).catch(() => "");
  return /^[0-9a-f]{64}/.exec(said)?.[0];
}
