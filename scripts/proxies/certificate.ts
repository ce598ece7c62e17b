/** Which certificates the proxy shows; also makes a self-signed one, for tests. */
import { execFile } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { WrongUse } from "../kit/arguments.ts";
import { onPath } from "../kit/on-path.ts";
import { type Given, pathOf } from "./given.ts";
import { proxies, type ProxyName } from "./render.ts";
import type { CertificateFiles, ProxySettings } from "./settings.ts";

const run = promisify(execFile);

/** How long a self-signed one is valid. */
const DAYS = 365;

/**
 * What was asked for, other than a self-signed certificate.
 * @throws WrongUse
 */
export function tlsOf(name: ProxyName, given: Given): ProxySettings["tls"] {
  const { https, certificate, key, domain } = given;
  const { acme, oneFile } = proxies[name];
  if (!https && (certificate ?? key ?? given["self-signed"]) !== undefined)
    throw new WrongUse("--certificate, --key and --self-signed go with --https");
  if (!https || given["self-signed"]) return undefined;
  if (certificate === undefined) {
    if (key !== undefined) throw new WrongUse("--key goes with --certificate");
    if (!acme)
      throw new WrongUse(
        `${name} gets no certificates itself: name one with --certificate${oneFile ? "" : " and --key"}`,
      );
    if (domain === undefined)
      throw new WrongUse("--https without --certificate gets one for your names: --domain says which");
    return "acme";
  }
  if (oneFile !== (key === undefined))
    throw new WrongUse(
      oneFile ? `${name} reads the key from the file of --certificate: no --key` : "--certificate needs its --key",
    );
  return { certificate: pathOf("--certificate", certificate), key: pathOf("--key", key ?? certificate) };
}

/**
 * Makes gangway.crt and gangway.key in a folder, over what is there.
 * @param hosts the names it is for, besides localhost and 127.0.0.1
 * @param oneFile whether both are also wanted in one, gangway.pem
 * @throws Error where there is no openssl
 */
export async function selfSigned(
  folder: string,
  hosts: readonly string[],
  oneFile: boolean,
): Promise<CertificateFiles> {
  const openssl = onPath("openssl");
  if (openssl === undefined) throw new Error("a self-signed certificate is made by openssl, which is not installed");
  const files = { certificate: join(folder, "gangway.crt"), key: join(folder, "gangway.key") };
  const names = [...hosts, "localhost"].map((host) => `DNS:${host}`);
  const kind = ["-x509", "-nodes", "-days", String(DAYS), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const subject = ["-subj", "/CN=Gangway test", "-addext", `subjectAltName=${[...names, "IP:127.0.0.1"].join(",")}`];
  await run(openssl, ["req", ...kind, ...subject, "-keyout", files.key, "-out", files.certificate]);
  return oneFile ? inOneFile(folder, files) : files;
}

function inOneFile(folder: string, { certificate, key }: CertificateFiles): CertificateFiles {
  const both = join(folder, "gangway.pem");
  writeFileSync(both, readFileSync(certificate), { mode: 0o600 });
  appendFileSync(both, readFileSync(key));
  return { certificate: both, key: both };
}
