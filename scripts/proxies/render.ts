/** The five proxies by their names. */
import { apache } from "./apache.ts";
import { caddy } from "./caddy.ts";
import { haproxy } from "./haproxy.ts";
import { nginx } from "./nginx.ts";
import type { ProxySettings } from "./settings.ts";
import { traefik } from "./traefik.ts";

/** A reverse proxy that we render a file for. */
export interface Proxy {
  /** What the file is called. */
  readonly file: string;
  readonly render: (settings: ProxySettings) => string;
  /** Whether it can limit requests as it comes. */
  readonly limits: boolean;
  /** Whether it gets certificates itself. */
  readonly acme: boolean;
  /** Whether certificate and key stand in one file. */
  readonly oneFile: boolean;
  /** Whether the file has the passwords' hashes in it, and not the path of the htpasswd file. */
  readonly passwordsInside: boolean;
  /** What a hash begins with that it knows. */
  readonly hashes: RegExp;
}

/** What crypt() of Linux knows: bcrypt, yescrypt, SHA-512, SHA-256. */
const CRYPT = /^\$(2[aby]|y|5|6)\$/;
const BCRYPT = /^\$2[aby]\$/;
const APR1_TOO = /^\$(2[aby]|y|5|6|apr1)\$/;

export const proxies = {
  nginx: proxy("gangway.conf", nginx, { limits: true, hashes: APR1_TOO }),
  caddy: proxy("Caddyfile", caddy, { acme: true, passwordsInside: true, hashes: BCRYPT }),
  traefik: proxy("gangway.yml", traefik, { limits: true, acme: true, hashes: /^\$(2[aby]|apr1)\$/ }),
  haproxy: proxy("haproxy.cfg", haproxy, { limits: true, oneFile: true, passwordsInside: true, hashes: CRYPT }),
  apache: proxy("gangway.conf", apache, { acme: true, hashes: APR1_TOO }),
} as const;

export type ProxyName = keyof typeof proxies;

function proxy(file: string, render: Proxy["render"], more: Partial<Proxy> & Pick<Proxy, "hashes">): Proxy {
  return { file, render, limits: false, acme: false, oneFile: false, passwordsInside: false, ...more };
}
