/**
 * Run by Terraform: writes the secrets of a service into a volume, for its container's user alone. Their values come from
 * the environment and `.env` of whoever applies, and go to Docker on standard input: into no plan, state or command line.
 */
import { parseArgs } from "node:util";
import type { Service } from "../catalog.ts";
import { services } from "../services.ts";
import { secretsOf } from "../secrets.ts";
import { readSettings } from "../settings.ts";
import { docker } from "./docker.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({
  options: { stack: option, service: option, volume: option, image: option, names: option },
});

const service: Service | undefined = (services as Readonly<Record<string, Service>>)[values.service];
if (service === undefined) throw new Error(`the catalog has no service "${values.service}"`);
const secrets = secretsOf(service, readSettings(Object.values(services)), values.stack);
for (const name of values.names.split(",")) {
  const value = secrets.get(name);
  if (value === undefined)
    fail(`${values.service}: ${name} was set when the plan was made and is not now: set it and apply again`);
  await write(name, value);
}

/** The image's own user owns what it reads; root of the image writes it. */
async function write(name: string, value: string): Promise<void> {
  const file = `/secrets/${name}`;
  const script = `umask 077; cat > ${file}.new && chown 1000:1000 ${file}.new && chmod 0400 ${file}.new && mv ${file}.new ${file} && chmod 0755 /secrets`;
  const mount = `type=volume,source=${values.volume},target=/secrets`;
  const container = ["--rm", "--interactive", "--network", "none", "--user", "root", "--mount", mount];
  await docker(["run", ...container, "--entrypoint", "sh", values.image, "-c", script], value);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
