/** A container of the catalog that is not an MCP server. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import type { Service } from "../catalog/entry.ts";
import { dataMounts, longRunning, memory, variables, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import type { Networks } from "./networks.ts";
import { SECRETS, SecretVolume } from "./secret-volume.ts";

export interface AppContainerProps {
  readonly service: Service & { readonly server: { readonly kind: "app" } };
  readonly engine: Engine;
  readonly networks: Networks;
  /** The environment that nginx-proxy and acme-companion read: the public name and the port. */
  readonly proxy: Readonly<Record<string, string>>;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
  /** Changes when the value of a secret does. */
  readonly secretsVersion: string;
  /** An image with a shell, which writes the secrets. */
  readonly writer: Image;
}

/**
 * An app, run as its image defines it, behind the proxy. `<NAME>_FILE` names the file of each secret. The running container
 * is stopped before the next one starts, because two of them on one volume would corrupt it.
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
      ...longRunning,
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
