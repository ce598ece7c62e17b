/**
 * Node's modules that only some gateways need. Together they take some 6 MB of memory, so each is loaded by the first call that
 * uses it.
 */
import { createRequire } from "node:module";
import type * as Https from "node:https";
import type * as Tls from "node:tls";
import type * as Zlib from "node:zlib";

const require = createRequire(import.meta.url);

function onDemand<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => (loaded ??= require(name) as T);
}

/** For upstreams with https:// and proxies. */
export const https = onDemand<typeof Https>("node:https");

/** For upstreams with https:// behind a proxy. */
export const tls = onDemand<typeof Tls>("node:tls");

/** For upstreams that compress. */
export const zlib = onDemand<typeof Zlib>("node:zlib");
