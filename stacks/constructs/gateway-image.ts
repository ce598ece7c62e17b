/** The image of one gateway, tagged with the digest of what it is built from. */
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { type ImageContext, digestOf, writeContext } from "../images/context.ts";

export interface GatewayImageProps {
  readonly service: string;
  readonly context: ImageContext;
  /**
   * The digest of an earlier image, already on the host, to run instead of building one.
   * @default - built from the context
   */
  readonly pin?: string | undefined;
}

/**
 * Built on the engine that runs the containers. It stays there when it is no longer used, for a rollback.
 * @example new GatewayImage(this, "memory-image", { service: "memory", context });
 */
export class GatewayImage extends Construct {
  readonly image: Image;
  readonly digest: string;

  constructor(scope: Construct, id: string, { service, context, pin }: GatewayImageProps) {
    super(scope, id);
    this.digest = pin ?? digestOf(context);
    const folder = `.gangway/images/${service}/${this.digest}`;
    if (pin === undefined) writeContext(folder, context);
    this.image = new Image(this, "image", {
      name: `gangway/${service}:${this.digest}`,
      keepLocally: true,
      ...(pin === undefined && {
        triggers: { digest: this.digest }, // the provider does not look into the context
        buildAttribute: {
          context: `../../../${folder}`, // relative to the folder that Terraform runs in: the same on every machine
          buildArgs: { ...context.args },
          remove: true,
        },
      }),
      lifecycle: { createBeforeDestroy: true },
    });
  }
}
