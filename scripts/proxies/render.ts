/** The five proxies by their names. */
import { nginx } from "./nginx.ts";
import type { ProxySettings } from "./settings.ts";

/** A reverse proxy that we render a file for. */
export interface Proxy {
  /** What the file is called. */
  readonly file: string;
  readonly render: (settings: ProxySettings) => string;
  /** Whether it can limit requests as it comes. */
  readonly limits: boolean;
  /** Whether it gets certificates itself. */
  readonly acme: boolean;
  /** Whether certificate and key stand in one file. @default false */
  readonly oneFile?: boolean;
}

export const proxies = {
  nginx: { file: "gangway.conf", render: nginx, limits: true, acme: false },
} as const satisfies Readonly<Record<string, Proxy>>;

export type ProxyName = keyof typeof proxies;
