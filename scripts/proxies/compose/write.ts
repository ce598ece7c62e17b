/** `npx gangway proxies --compose`: writes the folder that Docker Compose starts. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundleGateway } from "../../../stacks/images/bundle.ts";
import { isAskedFor } from "../../../stacks/deployable.ts";
import { readSettings } from "../../../stacks/settings.ts";
import { WrongUse } from "../../kit/arguments.ts";
import { tell } from "../../kit/print.ts";
import { selfSigned, tlsOf } from "../certificate.ts";
import { type Given, settingsOf } from "../given.ts";
import { proxies, type ProxyName } from "../render.ts";
import { mcpServices, sharedSite, sitesOf } from "../sites.ts";
import { composed, GATEWAY } from "./compose.ts";
import { serve, told } from "./servers.ts";

/**
 * @param names of services @default - all that run in the gateway's container
 * @throws WrongUse, UnknownName, Error when the gateway would serve nothing
 */
export async function writeComposition(
  name: ProxyName,
  given: Given,
  names: readonly string[],
  folder: string,
): Promise<void> {
  refuse(given);
  const all = await mcpServices(names);
  const settings = readSettings(all);
  const served = serve(names.length > 0 ? all : all.filter((service) => isAskedFor(service, settings)), settings);
  const named = served.services.map((service) => service.name);
  const sites =
    given.domain === undefined ? [sharedSite([], [], settings, GATEWAY)] : await sitesOf(given, named, GATEWAY);
  const proxy = settingsOf(name, given, sites);
  const asked = tlsOf(name, given);
  mkdirSync(folder, { recursive: true });
  const hosts = proxy.sites.flatMap(({ host }) => host ?? []);
  const tls = given["self-signed"] ? await selfSigned(folder, hosts, proxies[name].oneFile) : asked;
  const files = composed({ name, settings: { ...proxy, tls }, served, hubPort: settings.hubPort });
  for (const old of ["gateway", "wscat"]) rmSync(join(folder, old), { recursive: true, force: true });
  const gateway = [...(await bundleGateway())].map(([path, text]) => [`gateway/gateway/${path}`, text]);
  write(folder, { ...files, ...Object.fromEntries(gateway) });
  for (const left of served.left) tell(told(left));
  tell(`${join(folder, "compose.yaml")} is written; its first lines say what to do with it`);
}

/** What would have no effect, or could not work. */
function refuse(given: Given): void {
  if (given.upstream !== undefined) throw new WrongUse("--compose brings its own gateway: leave out --upstream");
  if (given["basic-auth"] === undefined) return;
  throw new WrongUse(
    "--compose asks for the gateway's token, which is sent as Authorization like a password: leave out --basic-auth",
  );
}

function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: path === "wscat/wscat" ? 0o755 : 0o644 });
  }
}
