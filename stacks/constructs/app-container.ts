/** A container of the catalog that is no MCP server. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import type { Service } from "../catalog/entry.ts";
import { dataMounts, lasting, memory, variables, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import type { Networks } from "./networks.ts";
import { SECRETS, SecretVolume } from "./secret-volume.ts";

export interface AppContainerProps {
  readonly service: Service & { readonly server: { readonly kind: "app" } };
  readonly engine: Engine;
  readonly networks: Networks;
  /** Its public name, and what else the proxy must know. */
  readonly proxy: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly secretsVersion: string;
  /** Has a shell, with which they are written. */
  readonly writer: Image;
}

/**
 * An app as its image has it, behind the proxy. Its secrets are files that `<NAME>_FILE` names. It is stopped before the next
 * one starts: two of them on one volume would spoil it.
 * @example new AppContainer(this, "n8n", { service, engine, networks, proxy, secrets, secretsVersion });
 */
export class AppContainer extends Construct {
  constructor(scope: Construct, id: string, props: AppContainerProps) {
    super(scope, id);
    const { service, engine, networks, secrets } = props;
    const image = new Image(this, "image", { name: service.server.image, keepLocally: true });
    const files = secrets.length === 0 ? undefined : this.#secrets(props, engine);
    const environment = {
      ...service.env,
      ...Object.fromEntries(secrets.map((name) => [`${name}_FILE`, `${SECRETS}/${name}`])),
      ...props.proxy,
    };
    const mounts = [...(files === undefined ? [] : [files.mount]), ...dataMounts(service.volumes)];
    new Container(this, "container", {
      name: service.name,
      image: image.imageId,
      env: variables(environment),
      networksAdvanced: [{ name: networks.syncbricks.name }],
      mounts,
      ...lasting,
      ...memory(service.memory),
      init: true,
      securityOpts: ["no-new-privileges:true"],
      lifecycle: { replaceTriggeredBy: [whenMountsChange(this, mounts)] },
      ...(files && { dependsOn: [files.written] }),
    });
  }

  #secrets(
    { service, secrets: names, secretsVersion: version, writer }: AppContainerProps,
    engine: Engine,
  ): SecretVolume {
    return new SecretVolume(this, "secrets", { service: service.name, engine, names, version, writer });
  }
}
