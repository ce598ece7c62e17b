/** `npx gangway proxies`: writes the configuration of a reverse proxy that puts the services online. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nearest } from "../gateways/config/nearest.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print, tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";
import { selfSigned, tlsOf } from "./proxies/certificate.ts";
import { writeComposition } from "./proxies/compose/write.ts";
import { pathOf, settingsOf } from "./proxies/given.ts";
import { proxies as known, type ProxyName } from "./proxies/render.ts";
import type { ProxySettings } from "./proxies/settings.ts";
import { sitesOf } from "./proxies/sites.ts";

const usage = `npx gangway proxies --proxy nginx|caddy|traefik|haproxy|apache [services] [options]

Prints the file with which a reverse proxy of your own puts the services online: /mcp, /sse and /ws stream through it, and the
gateway learns the client's real address. With --domain each service has a host name (memory.example.org), without one all
are under one (/memory/mcp). Services with logins bring the hosts auth.<domain> and <service>-key.<domain>. The file's first
lines say where it belongs and what the gateway must be told.

  --domain <domain>      the services' host names are under it
  --https                HTTPS: with the proxy's own certificates (caddy, traefik and apache get them), or with one of these:
  --certificate <file>     a certificate, on the machine of the proxy; for haproxy with its key in the same file
  --key <file>             its key
  --self-signed            a certificate for tests, made in the folder of --out
  --email <address>      whom the certificate authority writes to
  --upstream <list>      where the gateways are, with commas: memory=10.0.0.5:8082,memory=10.0.0.6:8082 are two replicas;
                         without --domain 10.0.0.5:3000 (default: this machine)
  --rate <number>        requests a second of one address, and twice as many at once; 0: no limit (default: 10 where the
                         proxy can count them: nginx, traefik, haproxy)
  --allow <list>         only these addresses may call: 192.168.1.0/24,10.0.0.0/8
  --basic-auth <file>    an htpasswd file; its users log in at the proxy, and the gateway must ask for no token
  --http-port <number>   (default: 80)
  --https-port <number>  (default: 443)
  --out <folder>         writes the file into it
  --compose              writes a compose.yaml, too, with a gateway for these services and the proxy in front of it
  --help                 print this

Exit code: 0 it is printed or written, 1 it is not, 2 for a mistake in the command line.`;

export const proxies = defineVerb({
  name: "gangway proxies",
  usage,
  flags: {
    proxy: "string",
    domain: "string",
    https: "boolean",
    certificate: "string",
    key: "string",
    "self-signed": "boolean",
    email: "string",
    upstream: "string",
    rate: "string",
    allow: "string",
    "basic-auth": "string",
    "http-port": "string",
    "https-port": "string",
    out: "string",
    compose: "boolean",
  },
  takesNames: true,
  completes: "services",
  run: async ({ proxy, out, compose, ...given }, names) => {
    const name = proxyNamed(proxy);
    if (compose) return writeComposition(name, given, names, folderOf("--compose", out));
    const settings = settingsOf(name, given, await sitesOf(given, names));
    const tls = tlsOf(name, given);
    if (out !== undefined || given["self-signed"])
      return write(name, { ...settings, tls }, folderOf("--self-signed", out), given["self-signed"]);
    print(known[name].render({ ...settings, tls }).trimEnd());
  },
});

async function write(name: ProxyName, settings: ProxySettings, folder: string, isSelfSigned = false): Promise<void> {
  const { file, render, oneFile, passwordsInside } = known[name];
  mkdirSync(folder, { recursive: true });
  const hosts = settings.sites.flatMap(({ host }) => host ?? []);
  const tls = isSelfSigned ? await selfSigned(folder, hosts, oneFile) : settings.tls;
  const path = join(folder, file);
  writeFileSync(path, render({ ...settings, tls }), { mode: passwordsInside ? 0o600 : 0o644 });
  tell(`${path} is written; its first lines say what to do with it`);
}

/** @throws WrongUse */
function folderOf(flag: string, out: string | undefined): string {
  if (out !== undefined) return pathOf("--out", resolve(out));
  throw new WrongUse(`${flag} makes files: say where, with --out <folder>`);
}

/** @throws WrongUse */
function proxyNamed(name: string | undefined): ProxyName {
  const all = Object.keys(known);
  if (name !== undefined && all.includes(name)) return name as ProxyName;
  const near = name === undefined ? undefined : nearest(name, all);
  const meant = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new WrongUse(
    `got ${name === undefined ? "no --proxy" : `--proxy ${name}`}, expected one of ${all.join(", ")}.${meant}`,
  );
}
