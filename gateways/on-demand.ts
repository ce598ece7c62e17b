/**
 * Node's modules that only some gateways need. Together they take some 6 MB of memory, so each is loaded by the first call that
 * uses it.
 */
import { createRequire } from "node:module";
import type * as Https from "node:https";
import type * as Tls from "node:tls";
import type * as Zlib from "node:zlib";

const require = createRequire(import.meta.url);

interface Modules {
  readonly "node:https": typeof Https;
  readonly "node:tls": typeof Tls;
  readonly "node:zlib": typeof Zlib;
}

function onDemand<Name extends keyof Modules>(name: Name): () => Modules[Name] {
  let loaded: Modules[Name] | undefined;
  return () => (loaded ??= require(name) as Modules[Name]);
}

/** For upstreams with https:// and proxies. */
export const https = onDemand("node:https");

/** For upstreams with https:// behind a proxy. */
export const tls = onDemand("node:tls");

/** For upstreams that compress. */
export const zlib = onDemand("node:zlib");
