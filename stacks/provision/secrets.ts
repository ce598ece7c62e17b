/**
 * Run by Terraform: writes the secrets of a container into a volume. It reads their values from the environment and `.env`, and
 * passes them to Docker on standard input, so that no plan, state or command line contains them.
 */
import { parseArgs } from "node:util";
import { readCatalog } from "../catalog/read.ts";
import { deployable } from "../deployable.ts";
import { publicUrl } from "../deployed.ts";
import { RESOURCES, resourcesOf } from "../logins.ts";
import { secretsOf } from "../secrets.ts";
import { readSettings } from "../settings.ts";
import { docker } from "./docker.ts";
import { fetchTunnelToken } from "./tunnel-token.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({
  options: {
    stack: option,
    service: option,
    volume: option,
    image: option,
    names: option,
    owner: option,
    tunnel: option,
  },
});
const catalog = await readCatalog();
const settings = readSettings(Object.values(catalog));

try {
  for (const name of values.names.split(",")) await write(name, await valueOf(name));
} catch (error) {
  console.error(`${values.service}: ${(error as Error).message}`);
  process.exitCode = 1;
}

async function valueOf(name: string): Promise<string> {
  if (name === RESOURCES) return resources();
  const service = catalog[values.service];
  const value = service ? secretsOf(service, settings, values.stack).get(name) : settings.value(name);
  if (value !== undefined) return value;
  if (name === "CF_TUNNEL_TOKEN") return tunnelToken();
  throw new Error(`${name} was set when the plan was made, but is not set now: set it and apply again`);
}

/** What the authorization server knows of the services that are deployed. */
function resources(): string {
  const { services } = deployable(Object.values(catalog), settings);
  return JSON.stringify(resourcesOf(services, settings, values.stack, publicUrl(settings, values.stack)));
}

/** Fetches the token at the last moment, so that it stays out of the state. */
function tunnelToken(): Promise<string> {
  const [apiToken = "", accountId = ""] = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"].map((name) =>
    settings.value(name),
  );
  const baseUrl = settings.value("CLOUDFLARE_BASE_URL");
  return fetchTunnelToken({ apiToken, accountId, tunnelId: values.tunnel, ...(baseUrl !== undefined && { baseUrl }) });
}

/** Writes a new file and renames it, so that nobody reads half a secret. */
async function write(name: string, value: string): Promise<void> {
  const file = `/secrets/${name}`;
  const rights = values.owner === "" ? "chmod 0444" : `chown ${values.owner}:${values.owner} ${file}.new && chmod 0400`;
  const script = `umask 077; cat > ${file}.new && ${rights} ${file}.new && mv ${file}.new ${file} && chmod 0755 /secrets`;
  const mount = `type=volume,source=${values.volume},target=/secrets`;
  const container = ["--rm", "--interactive", "--network", "none", "--user", "root", "--mount", mount];
  await docker(["run", ...container, "--entrypoint", "sh", values.image, "-c", script], value);
}
