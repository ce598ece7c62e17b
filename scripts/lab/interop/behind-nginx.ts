/** A service and its logins as they are online: https alone, behind the real nginx. Their names lead to this machine. */
import dns from "node:dns";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import tls from "node:tls";
import { onTestFinished, vi } from "vitest";
import { certificateFor } from "../../../gateways/fixtures/certificate.ts";
import { rooms } from "../../../auth-server/rooms.ts";
import { startOwn, type OwnServer } from "../../kit/fixtures/own-server.ts";
import { freePort } from "../../kit/ports.ts";
import { RunningProxy } from "../../proxies/live/running-proxy.ts";

/** Reserved for tests (RFC 6761, section 6.2): no name server knows it. */
const DOMAIN = "example.test";

/** As `npx gangway proxies` sets it by itself. */
const LIMIT = { rate: 10, burst: 20 };

/** What is online. */
export interface Online extends Omit<OwnServer, "browser"> {
  readonly nginx: RunningProxy;
  /** Variables with which programs find the names, and trust the certificate. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts all of it. It ends with the test. @param server the command of the server behind the gateway */
export async function startOnline(server: readonly string[]): Promise<Online> {
  const [authPort, port] = [await freePort(), await freePort()];
  const [auth, memory] = [site("auth", authPort), site("memory", port)];
  const nginx = await RunningProxy.start("nginx", {
    https: true,
    sites: [auth, memory],
    allowed: [],
    limit: LIMIT,
    // Not of an authority: Codex takes no authority for a server.
    shows: certificateFor(`*.${DOMAIN}`),
  });
  onTestFinished(() => nginx.stop());
  resolveHere();
  trust(nginx.certificate);
  const at = ({ host }: typeof auth) => `https://${host}:${nginx.port}`;
  const env = { ISSUER: at(auth), PORT: String(authPort), TRUSTED_PROXIES: "127.0.0.1" };
  const told = { GANGWAY_ALLOWED_HOSTS: memory.host, GANGWAY_TRUSTED_PROXIES: "127.0.0.1" };
  const own = await startOwn({ env, rooms }, server, { port, url: `${at(memory)}/mcp`, env: told });
  return { ...own, nginx, env: await environmentOf(nginx.certificate) };
}

const site = (name: string, port: number) => ({ name, host: `${name}.${DOMAIN}`, servers: [`127.0.0.1:${port}`] });

const isOurs = (host: string) => host.endsWith(`.${DOMAIN}`);

/** For clients in this process. */
function resolveHere(): void {
  const lookup = dns.lookup as (host: string, ...rest: unknown[]) => void;
  const ours = (host: string, ...rest: unknown[]) => lookup(isOurs(host) ? "127.0.0.1" : host, ...rest);
  const spy = vi.spyOn(dns, "lookup").mockImplementation(ours);
  onTestFinished(() => spy.mockRestore());
}

/** For clients in this process. */
function trust(certificate: string): void {
  const before = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...before, readFileSync(certificate, "utf8")]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}

/** Node, OpenSSL and Codex each have a variable for the certificate; all find names through a proxy. */
async function environmentOf(certificate: string): Promise<Record<string, string>> {
  const tunnel = `http://127.0.0.1:${await startTunnel()}`;
  return {
    NODE_EXTRA_CA_CERTS: certificate,
    SSL_CERT_FILE: certificate,
    CODEX_CA_CERTIFICATE: certificate,
    NODE_USE_ENV_PROXY: "1",
    HTTPS_PROXY: tunnel,
    https_proxy: tunnel,
  };
}

/** A proxy that leads the names to this machine, and leads nowhere else (RFC 9110, section 9.3.6). @returns its port */
async function startTunnel(): Promise<number> {
  const tunnel = createServer().listen(0, "127.0.0.1");
  tunnel.on("connect", ({ url = "" }, client) => {
    const [host = "", port = "443"] = url.split(":");
    client.on("error", () => client.destroy());
    if (!isOurs(host)) return void client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const server = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(server).pipe(client);
    });
    server.on("error", () => client.destroy());
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  });
  await once(tunnel, "listening");
  onTestFinished(() => void tunnel.close());
  return (tunnel.address() as AddressInfo).port;
}
