/** The names of tokens in one gateway.json. */
import type { NamedToken } from "../auth/named-token.ts";
import { ConfigError } from "../config.ts";

/**
 * A name is one caller, who may use the hub: so wherever it stands, it has the same tokens, and they open the same.
 * @throws ConfigError
 */
export function requireSameTokens(
  services: readonly { readonly name: string; readonly namedTokens: readonly NamedToken[] }[],
  ofAll: readonly NamedToken[],
  path: string,
): void {
  const known = new Map<string, { readonly where: string; readonly tokens: string }>();
  for (const { name: service, namedTokens: own } of [{ name: "", namedTokens: ofAll }, ...services])
    for (const name of new Set(own.map((token) => token.name))) {
      const where = service === "" ? "namedTokens" : `mcpServers.${service}.namedTokens`;
      const tokens = summaryOf(own.filter((token) => token.name === name));
      const before = known.get(name) ?? { where, tokens };
      known.set(name, before);
      if (before.tokens !== tokens)
        throw new ConfigError(`${path}: ${where}: got other tokens of ${name} than ${before.where}, expected the same`);
    }
}

const summaryOf = (tokens: readonly NamedToken[]) =>
  tokens
    .map(({ digest, tools }) => JSON.stringify([digest, tools]))
    .toSorted((one, other) => (one < other ? -1 : 1))
    .join();
