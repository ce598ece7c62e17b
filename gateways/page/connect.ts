/** The section Connect of a service's page, for the client of whoever reads it. */
import type { ServiceStatus } from "./status.ts";
import { qrCode } from "./qr-code.ts";
import { connectView } from "./view/connect.ts";
import type { Child } from "./view/markup.ts";

/** The reader's machine is unknown: paths are as on Linux, below `~`. */
const PLACE = { os: "linux", home: "~", env: {} } as const;

/** The configs of all clients. The token is named by its variable: the page never knows it. */
export async function connectSection(service: ServiceStatus): Promise<Child> {
  // Only this page needs them.
  const [{ clients }, { render }, { variableOf }] = await Promise.all([
    import("../../templates/clients/clients.ts"),
    import("../../templates/clients/render.ts"),
    import("../../templates/clients/variable.ts"),
  ]);
  const { name, url, asksForToken, hasLogin = false, keyUrl } = service;
  const variable = variableOf(name);
  const takesToken = hasLogin ? keyUrl !== undefined : asksForToken;
  const target = { name: safeName(name), url, hasLogin, keyUrl, token: takesToken ? { variable } : undefined };
  const configs = clients.map((client) => ({ title: client.title, ...render(client, [target], PLACE) }));
  return connectView(service, { configs, variable, qr: await qrCode(url) });
}

/** A name that a shell or a client could misread does not get into lines to copy. */
const safeName = (name: string) => (/^[\w-]+$/.test(name) ? name : "server");
