import { DataDigitaloceanSshKeys } from "@cdktf/provider-digitalocean/lib/data-digitalocean-ssh-keys/index.js";
import type { SshKey } from "@cdktf/provider-digitalocean/lib/ssh-key/index.js";
import type { Construct } from "constructs";
import { Adoption } from "./adoption.ts";

/** DigitalOcean has every key only once: the one of the account becomes ours. A destroy then removes it there. */
export function adoptSshKey(scope: Construct, resource: SshKey, publicKey: string): void {
  const existing = new DataDigitaloceanSshKeys(scope, "existing-key", {
    filter: [{ key: "public_key", values: [publicKey] }],
  });
  new Adoption(scope, "key-adoption", { resource, found: `[for key in ${existing.fqn}.ssh_keys : tostring(key.id)]` });
}
