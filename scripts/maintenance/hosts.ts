/** Whose requests the proxy of a deployment gets. */
import { didYouMean } from "../../gateways/config/nearest.ts";
import { WrongUse } from "../kit/arguments.ts";
import { containersIn } from "../kit/containers.ts";
import type { Deployment } from "../kit/deployment.ts";

/** A host name that leads to a service. */
export interface Proxied {
  readonly host: string;
  readonly service: string;
}

/** The proxy that runs, and its hosts. @throws Error when there is none */
export async function findProxy(
  deployment: Deployment,
): Promise<{ readonly proxy: string; readonly hosts: readonly Proxied[] }> {
  const all = await containersIn(deployment);
  const { where, stack, ask } = deployment;
  const proxy = all.find(({ part }) => part === "proxy");
  if (proxy === undefined) throw new Error(`nothing is deployed to ${where}: npx gangway deploy ${stack}`);
  if (proxy.state !== "running")
    throw new Error(`the proxy in ${where} does not run: docker start ${proxy.name} there`);
  const serving = all.filter(({ service }) => service !== "");
  const format = "{{range .Config.Env}}{{println .}}{{end}}";
  const each = await Promise.all(
    serving.map(async ({ id, service }) => {
      const lines = (await ask(["inspect", "--format", format, id])).split("\n");
      const hosts = lines.find((line) => line.startsWith("VIRTUAL_HOST="))?.slice("VIRTUAL_HOST=".length) ?? "";
      return hosts.split(",").flatMap((host) => (host === "" ? [] : { host, service }));
    }),
  );
  const hosts = new Map(each.flat().map((one) => [one.host, one]));
  return { proxy: proxy.name, hosts: [...hosts.values()] };
}

/** The hosts of services. @param names none = none @throws WrongUse for a service that has none */
export function hostsOf(
  names: readonly string[],
  all: readonly Proxied[],
  { where }: Pick<Deployment, "where">,
): string[] {
  return names.flatMap((name) => {
    const own = all.filter(({ service }) => service === name).map(({ host }) => host);
    if (own.length > 0) return own;
    const known = [...new Set(all.map(({ service }) => service))];
    throw new WrongUse(
      `${name} has no host name in ${where}, expected one of ${known.join(", ")}${didYouMean(name, known)}`,
    );
  });
}
