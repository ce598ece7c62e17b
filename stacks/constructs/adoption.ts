/** Takes a thing that exists already into the state, instead of creating it a second time. */
import { TerraformElement, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";

export interface AdoptionProps {
  /** What the thing becomes. */
  readonly resource: TerraformResource;
  /** An expression: the list of ids that were found, with one in it or none. */
  readonly found: string;
  /** What stands before the id, as the provider's import wants it. @default "" */
  readonly prefix?: string;
}

/**
 * An import block that does nothing when nothing is found. cdktf's own importFrom() has no such condition.
 * @example new Adoption(this, "adoption", { resource: record, found: "data.cloudflare_dns_records.x.result[*].id" });
 */
export class Adoption extends TerraformElement {
  readonly #props: AdoptionProps;

  constructor(scope: Construct, id: string, props: AdoptionProps) {
    super(scope, id);
    this.#props = props;
  }

  override toTerraform() {
    const { resource, found, prefix = "" } = this.#props;
    const to = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
    return { import: [{ for_each: `\${toset(${found})}`, to, id: `${prefix}\${each.value}` }] };
  }
}
