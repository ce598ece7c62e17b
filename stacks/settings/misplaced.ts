/** Finds secrets in the catalog, from where they would get into the state and git. */
import type { Service } from "../catalog/entry.ts";
import type { Settings } from "../settings.ts";

/** Tokens that are known by how they begin. */
const tokenShapes =
  /\b(ghp_|gho_|github_pat_|dop_v1_|sk-ant-|xox[bp]-)\w{16,}|\bfc-[0-9a-f]{24,}|\bgw_[a-z0-9-]+_[\w-]{43}/;

/** Every entry with a secret's value in it, and what to do about it. No message repeats the value. */
export function misplacedSecrets(services: readonly Service[], settings: Settings): string[] {
  const named = new Set(["MCP_BEARER_TOKEN", "CLOUDFLARE_API_TOKEN", "DIGITALOCEAN_TOKEN", "CF_TUNNEL_TOKEN"]);
  for (const { secrets, optionalSecrets } of services)
    for (const name of [...secrets, ...optionalSecrets]) named.add(name);
  const known = [...named]
    .flatMap((name) => valuesOf(name, settings).map((value) => [name, value] as const))
    .filter(([, value]) => value.length >= 8);
  return services.flatMap((service) =>
    Object.entries(textsOf(service)).flatMap(([where, text]) => {
      const [name] = known.find(([, value]) => text.includes(value)) ?? [];
      if (name === undefined && !tokenShapes.test(text)) return [];
      const what = name === undefined ? "what looks like a token" : `the value of ${name}`;
      return [
        `${service.name}: ${where} has ${what}: name it in "secrets", and put its value into .env or the environment`,
      ];
    }),
  );
}

/** Of several tokens, each counts by itself. */
const valuesOf = (name: string, settings: Settings) =>
  name === "MCP_BEARER_TOKEN" ? settings.bearerTokens : [settings.value(name) ?? ""];

/** All texts of an entry, by where they are. */
function textsOf({ server, env }: Service): Record<string, string> {
  const { kind, ...fields } = server;
  return Object.fromEntries([
    ...Object.entries(env).map(([name, value]) => [`env ${name}`, value]),
    ...Object.entries(fields).map(([field, value]) => [`${kind}() ${field}`, textOf(value)]),
  ]);
}

/** A value with everything that is in it. */
const textOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? Object.values(value).map(textOf).join(" ") : String(value);
