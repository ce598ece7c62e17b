/** A self-signed certificate for tests, made by openssl. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { join } from "node:path";
import { onPath } from "../kit/on-path.ts";
import type { CertificateFiles } from "./settings.ts";

const run = promisify(execFile);

/** How long it is valid. */
const DAYS = 365;

/**
 * Makes gangway.crt and gangway.key in a folder, over what is there.
 * @param hosts the names it is for, besides localhost and 127.0.0.1
 * @throws Error where there is no openssl
 */
export async function selfSigned(folder: string, hosts: readonly string[]): Promise<CertificateFiles> {
  const openssl = onPath("openssl");
  if (openssl === undefined) throw new Error("a self-signed certificate is made by openssl, which is not installed");
  const files = { certificate: join(folder, "gangway.crt"), key: join(folder, "gangway.key") };
  const names = [...hosts, "localhost"].map((host) => `DNS:${host}`);
  await run(openssl, [
    ...["req", "-x509", "-nodes", "-days", String(DAYS), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-subj", "/CN=Gangway test", "-addext", `subjectAltName=${[...names, "IP:127.0.0.1"].join(",")}`],
    ...["-keyout", files.key, "-out", files.certificate],
  ]);
  return files;
}
