/** app(): a container beside the gateways. */
import type { OwnEntryOptions } from "../options.ts";
import type { AppKind } from "./kind.ts";
import { image as imageRule, imageVersion } from "./rules.ts";

interface AppServer {
  readonly kind: "app";
  readonly image: string;
}

/** What an app() takes. */
export interface AppOptions extends Omit<OwnEntryOptions, "probe"> {
  /** The image with its tag: "n8nio/n8n:2.41.3". */
  readonly image: string;
}

/** A container with no MCP server in it (n8n, Postgres): `n8n: app({ image: "n8nio/n8n:2.41.3", port: 5678 })`. */
export const app = ({ image: ref, ...options }: AppOptions) => ({
  server: { kind: "app", image: ref } satisfies AppServer as AppServer,
  ...options,
});

export const appKind: AppKind<AppServer> = {
  kind: "app",
  role: "app",
  fields: { image: imageRule },
  version: (server) => imageVersion(server.image),
};
