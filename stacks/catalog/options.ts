/** What each option of an entry may be: the check, and the words for it when the check fails. */
import { z } from "zod";
import type { ServiceEntry } from "./entry.ts";

interface Rule {
  readonly expected: string;
  readonly schema: z.ZodType;
}

/** A DNS label, short enough that `<label>-mcp-gateway` is one too. */
export const label = /^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$/;

/** What is in the others is not for a service to read: keys, tokens, other services' sessions. */
const ownVolumes = /^(?!(acme|certs|html|vhost)$)(?!.*-state$)/;

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
const list = { expected: "a list of environment variable names", schema: z.array(variable) };
const flag = { expected: "true or false", schema: z.boolean() };

/** Every option there is. One that is missing here, or here too much, does not compile. */
export const options: Readonly<Record<keyof ServiceEntry, Rule>> = {
  server: {
    expected: "npm(), pypi(), command(), image(), http() or sse(), or the entry is an app()",
    schema: z.looseObject({ kind: z.enum(["npm", "pypi", "command", "image", "http", "sse", "app"]) }),
  },
  port: { expected: "a whole number from 1 to 65535", schema: z.int().min(1).max(65535) },
  hostname: { expected: "a DNS label: 1 to 50 of a-z, 0-9 and -", schema: z.string().regex(label) },
  secrets: list,
  optionalSecrets: list,
  env: { expected: "texts under environment variable names", schema: z.record(variable, z.string()) },
  volumes: {
    expected:
      'absolute paths with volume names of a-z, 0-9 and -, as in { "/data": "memory" }, not those of certificates ' +
      "(acme, certs, html, vhost) nor a gateway's own (-state)",
    schema: z.record(z.string().regex(/^(\/[\w.-]*[\w-])+$/), z.string().regex(label).regex(ownVolumes)),
  },
  isolation: { expected: '"session" or "shared"', schema: z.enum(["session", "shared"]) },
  serial: flag,
  revive: flag,
  idleTtl: { expected: 'a time such as "90s", "30m" or "12h"', schema: z.string().regex(/^[1-9]\d*(ms|s|m|h|d)$/) },
  memory: { expected: "a whole number of MB, 192 at least", schema: z.int().min(192) },
  verify: { expected: '"coda", "github" or "firecrawl"', schema: z.enum(["coda", "github", "firecrawl"]) },
  probe: {
    expected: '{ tool: "<name>", arguments: { ... } }',
    schema: z.strictObject({ tool: z.string().min(1), arguments: z.record(z.string(), z.unknown()).optional() }),
  },
};

/** Options that make no sense for a kind of server: an upstream has no process of ours, an app has no sessions. */
export const unfit: Readonly<Record<string, readonly string[]>> = {
  http: ["isolation", "serial", "revive", "env", "volumes"],
  sse: ["isolation", "serial", "revive", "env", "volumes"],
  app: ["isolation", "serial", "revive", "idleTtl", "verify", "probe"],
};
