import { DataDigitaloceanSshKeys } from "@cdktf/provider-digitalocean/lib/data-digitalocean-ssh-keys/index.js";
import type { SshKey } from "@cdktf/provider-digitalocean/lib/ssh-key/index.js";
import type { Construct } from "constructs";
import { Adoption } from "./adoption.ts";

/** Takes over the account's copy of the key, because DigitalOcean accepts each key only once. A destroy then removes it. */
export function adoptSshKey(scope: Construct, resource: SshKey, publicKey: string): void {
  const existing = new DataDigitaloceanSshKeys(scope, "existing-key", {
    filter: [{ key: "public_key", values: [publicKey] }],
  });
  new Adoption(scope, "key-adoption", { resource, found: `[for key in ${existing.fqn}.ssh_keys : tostring(key.id)]` });
}
