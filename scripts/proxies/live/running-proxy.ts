/** A real proxy, started with a rendered file. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Certificate } from "../../../gateways/fixtures/certificate.ts";
import { freePort } from "../../kit/ports.ts";
import { scratchFolder } from "../../kit/folder.ts";
import { waitUntil } from "../../kit/wait.ts";
import { selfSigned } from "../certificate.ts";
import { proxies, type ProxyName } from "../render.ts";
import type { BasicAuth, CertificateFiles, ProxySettings, User } from "../settings.ts";
import { ask, type Target } from "./asking.ts";
import { HOST } from "./gateway.ts";
import { programOf, programs } from "./programs.ts";

/** What a test decides; ports and certificate are chosen here. */
export type Wishes = Omit<ProxySettings, "httpPort" | "httpsPort" | "tls" | "basicAuth"> & {
  readonly https: boolean;
  /** What it shows. @default - a certificate that openssl makes for its names */
  readonly shows?: Certificate;
  /** Who logs in. @default - nobody needs to */
  readonly users?: readonly User[];
};

/** The user `nobody` on Debian. */
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;

export class RunningProxy {
  readonly httpPort: number;
  /** Where it serves: the port of HTTPS, or of HTTP. */
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  #said = "";

  private constructor(folder: string, child: ChildProcess, httpPort: number, port: number) {
    this.#folder = folder;
    this.#child = child;
    this.httpPort = httpPort;
    this.port = port;
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
  }

  /** Starts it, and waits until it listens. @throws Error with what it said when it does not */
  static async start(name: ProxyName, { https, users, shows, ...wishes }: Wishes): Promise<RunningProxy> {
    const scratch = scratchFolder(name);
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    const hosts = wishes.sites.flatMap(({ host }) => host ?? []);
    const made = () => (shows ? kept(scratch.path, shows) : selfSigned(scratch.path, hosts, proxies[name].oneFile));
    const tls = https ? await made() : undefined;
    const basicAuth = users && passwords(scratch.path, users);
    const rendered = join(scratch.path, proxies[name].file);
    writeFileSync(rendered, proxies[name].render({ ...wishes, httpPort, httpsPort, tls, basicAuth }));
    const { args, env } = programs[name].start(scratch.path, rendered);
    if (isRoot) giveAway(scratch.path);
    const child = spawn(programOf(programs[name])!, args, {
      cwd: scratch.path,
      env: { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"], HOME: scratch.path, ...env },
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    });
    const proxy = new RunningProxy(scratch.path, child, httpPort, https ? httpsPort : httpPort);
    await proxy.#untilItServes(proxy.target(https, hosts[0]));
    return proxy;
  }

  /** Where a client finds the gateway. */
  target(https: boolean, host = HOST): Target {
    return { port: this.port, https, host };
  }

  /** The certificate that it shows, where it has one. */
  get certificate(): string {
    return join(this.#folder, "gangway.crt");
  }

  /** All that it has logged. */
  get log(): string {
    const files = ["access.log", "gangway.log", "error.log"]
      .map((name) => join(this.#folder, name))
      .filter((file) => existsSync(file));
    return [...files.map((file) => readFileSync(file, "utf8")), this.#said].join("");
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const killing = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    clearTimeout(killing);
  }

  /** Traefik listens before it has read its file, and knows no path until then. */
  async #untilItServes(target: Target): Promise<void> {
    const ended = () => this.#child.exitCode !== null;
    const serves = await waitUntil(async () => ended() || (await knows(target)), 30_000);
    if (!serves || ended()) throw new Error(`it does not start: ${this.log}`);
  }
}

const knows = (target: Target) =>
  ask(target, { path: "/health" }).then(
    ({ status }) => status !== 404,
    () => false,
  );

function kept(folder: string, { key, cert }: Certificate): CertificateFiles {
  const files = { certificate: join(folder, "gangway.crt"), key: join(folder, "gangway.key") };
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.certificate, cert);
  return files;
}

function passwords(folder: string, users: readonly User[]): BasicAuth {
  const file = join(folder, "htpasswd");
  writeFileSync(file, users.map(({ name, hash }) => `${name}:${hash}\n`).join(""));
  return { file, users };
}

/** Lets `nobody` work in the folder. */
function giveAway(folder: string): void {
  for (const file of ["", ...readdirSync(folder)]) chownSync(join(folder, file), NOBODY, NOBODY);
  for (let above = dirname(folder); above.startsWith("/tmp/"); above = dirname(above)) chmodSync(above, 0o711);
}
