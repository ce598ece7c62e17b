/** Finds secrets where everybody could read them: in the catalog, from where they would reach the state and git. */
import type { Service } from "../catalog/entry.ts";
import type { Settings } from "../settings.ts";

/** Tokens that can be told by their beginning. */
const tokenShapes = /\b(ghp_|gho_|github_pat_|dop_v1_|sk-ant-|xox[bp]-)\w{16,}|\bfc-[0-9a-f]{24,}/;

/** Every entry that has a secret's value in it, with what to do; no value is in the message. */
export function misplacedSecrets(services: readonly Service[], settings: Settings): string[] {
  const named = new Set(["MCP_BEARER_TOKEN", "CLOUDFLARE_API_TOKEN", "DIGITALOCEAN_TOKEN", "CF_TUNNEL_TOKEN"]);
  for (const { secrets, optionalSecrets } of services)
    for (const name of [...secrets, ...optionalSecrets]) named.add(name);
  const known = [...named]
    .flatMap((name) => [[name, settings.value(name) ?? ""] as const])
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

/** All that an entry says in plain text, by where it says it. */
function textsOf({ server, env }: Service): Record<string, string> {
  const variables = Object.entries(env).map(([name, value]) => [`env ${name}`, value] as const);
  const words = "args" in server ? server.args : "command" in server ? server.command : [];
  return Object.fromEntries([
    ...variables,
    ["its command", words.join(" ")],
    ["its address", "url" in server ? server.url : ""],
  ]);
}
