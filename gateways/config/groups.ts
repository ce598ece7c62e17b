/** Groups: services that are served as one. */
import { ConfigError, type ServiceConfig } from "../config.ts";
import { OF_HUB } from "./hub-paths.ts";
import { didYouMean } from "./nearest.ts";

/** @param path the file @throws ConfigError that names the entry */
export function checkGroups(services: readonly ServiceConfig[], path: string): void {
  const kinds = new Map(services.map(({ name, server }) => [name, server.kind]));
  for (const { name, server } of services) {
    const where = `${path}: mcpServers.${name}`;
    if (OF_HUB.includes(name)) throw new ConfigError(`${where}: expected another name: /${name} is a path of the hub`);
    if (server.kind !== "group") continue;
    const members = server.members.map((member) => member.name);
    if (members.length === 0) throw new ConfigError(`${where}.group: got no names, expected those of other entries`);
    refuseTwice(members, `${where}.group`);
    for (const member of members) refuseNoServer(member, kinds, `${where}.group`);
  }
}

/** Tools of both would have the same names. @throws ConfigError */
export function refuseTwice(members: readonly string[], where: string): void {
  const twice = members.find((name, at) => members.indexOf(name) !== at);
  if (twice !== undefined) throw new ConfigError(`${where}: got ${twice} twice, expected each name once`);
}

/** @throws ConfigError */
function refuseNoServer(member: string, kinds: ReadonlyMap<string, string>, where: string): void {
  if (!kinds.has(member))
    throw new ConfigError(`${where}: got ${member}, which is no entry${didYouMean(member, [...kinds.keys()])}`);
  if (kinds.get(member) === "group")
    throw new ConfigError(`${where}: got ${member}, which is a group, expected names of servers`);
}
