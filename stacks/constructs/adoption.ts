/** Imports something that already exists into the state, instead of creating it a second time. */
import { TerraformElement, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";

export interface AdoptionProps {
  /** The resource that manages it from now on. */
  readonly resource: TerraformResource;
  /** A Terraform expression for the ids that were found: a list of one, or empty. */
  readonly found: string;
  /** What the provider's import expects before the id. @default "" */
  readonly prefix?: string;
}

/**
 * An import block that does nothing when nothing is found, unlike cdktf's importFrom(), which then fails.
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
