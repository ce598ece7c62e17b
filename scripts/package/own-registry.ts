/** An npm registry on this machine, with the packed packages. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Tarball } from "./pack.ts";

/** Its address, and what ends it. */
export interface OwnRegistry {
  readonly url: string;
  readonly close: () => void;
}

/** @param manifestOf the package.json of a package */
export async function ownRegistry(
  tarballs: readonly Tarball[],
  manifestOf: (name: string) => { readonly version: string },
): Promise<OwnRegistry> {
  const server = createServer((request, response) => {
    const [, name, file] = (request.url ?? "").split("/");
    const its = tarballs.find((one) => one.name === name);
    if (its === undefined) return void response.writeHead(404).end("{}");
    const bytes = readFileSync(its.file);
    response.end(file === undefined ? JSON.stringify(packument(its.name, bytes)) : bytes);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close().closeAllConnections() };

  function packument(name: string, bytes: Buffer): object {
    const manifest = manifestOf(name);
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const dist = { tarball: `${url}/${name}/-/package.tgz`, integrity };
    return { name, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist } } };
  }
}
