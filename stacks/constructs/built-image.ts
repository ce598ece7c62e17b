/** An image that is built from this project, tagged with the digest of what it is built from. */
import { DataDockerImage } from "@cdktf/provider-docker/lib/data-docker-image/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { type ImageContext, digestOf, writeContext } from "../images/context.ts";
import { imageName } from "../images/names.ts";

export interface BuiltImageProps {
  /** Whose it is: a service, `gateway` or `auth`. */
  readonly of: string;
  readonly context: ImageContext;
  /**
   * The digest of an earlier image, already on the host, to run instead of building one.
   * @default - built from the context
   */
  readonly pin?: string | undefined;
}

/**
 * Built on the engine that runs the containers. It stays there when it is no longer used, for a rollback.
 * @example new BuiltImage(this, "memory-image", { of: "memory", context });
 */
export class BuiltImage extends Construct {
  /** The image's id on the engine: whoever has the name only, no registry is asked for it. */
  readonly imageId: string;
  readonly digest: string;

  constructor(scope: Construct, id: string, { of, context, pin }: BuiltImageProps) {
    super(scope, id);
    this.digest = pin ?? digestOf(context);
    const name = imageName(of, this.digest);
    // What is looked up is never pulled.
    this.imageId = pin === undefined ? this.#built(name, context) : new DataDockerImage(this, "pinned", { name }).id;
  }

  #built(name: string, context: ImageContext): string {
    const folder = `.gangway/images/${this.node.id}/${this.digest}`;
    writeContext(folder, context);
    const image = new Image(this, "image", {
      name,
      keepLocally: true,
      triggers: { digest: this.digest }, // the provider does not look into the context
      buildAttribute: {
        context: `../../../${folder}`, // relative to the folder that Terraform runs in: the same on every machine
        buildArgs: { ...context.args, RELEASE: this.digest },
        remove: true,
      },
      lifecycle: { createBeforeDestroy: true },
    });
    return image.imageId;
  }
}
