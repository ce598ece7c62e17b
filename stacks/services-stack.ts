/** Everything that runs in containers: on this machine (stack `local`), or on the droplet (stack `services`). */
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Service } from "./catalog.ts";
import { AppContainer } from "./constructs/app-container.ts";
import type { Engine } from "./constructs/engine.ts";
import { GatewayImage } from "./constructs/gateway-image.ts";
import { Gateway } from "./constructs/gateway.ts";
import { Networks } from "./constructs/networks.ts";
import { type Entrance, NginxProxy } from "./constructs/nginx-proxy.ts";
import { type McpService, gatewayEnvironment } from "./gateway-environment.ts";
import { imageContext } from "./images/server-image.ts";
import { secretsOf, versionOf } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export interface ServicesStackProps {
  readonly services: readonly Service[];
  readonly settings: Settings;
  readonly engine: Engine;
  readonly entrance: Entrance;
  /** The public name of a service. */
  readonly hostOf: (service: Service) => string;
  /** The gateway as one file. */
  readonly gateway: string;
  /** Digests of earlier images that services are held at. @default {} */
  readonly pins?: Readonly<Record<string, string>>;
}

/** @example new ServicesStack(app, "local", { services, settings, engine, entrance, hostOf, gateway }); */
export class ServicesStack extends TerraformStack {
  readonly #networks: Networks;
  readonly #props: ServicesStackProps;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id);
    const { services, engine, entrance, pins = {} } = props;
    this.#props = props;
    new DockerProvider(this, "docker", {
      ...(engine.host !== undefined && { host: engine.host }),
      ...(engine.sshOpts && { sshOpts: [...engine.sshOpts] }),
    });
    this.#networks = new Networks(this, "networks");
    new NginxProxy(this, "nginx-proxy", { networks: this.#networks, entrance });
    // A plan shows which services do not follow the catalog.
    if (Object.keys(pins).length > 0) new TerraformOutput(this, "pinned", { value: pins });
    for (const service of services) {
      if (isApp(service)) this.#addApp(service);
      else this.#addGateway(service as McpService);
    }
  }

  #addGateway(service: McpService): void {
    const { settings, engine, hostOf, gateway, pins = {} } = this.#props;
    const context = imageContext(service, gateway);
    const image = new GatewayImage(this, `${service.name}-image`, {
      service: service.name,
      context,
      pin: pins[service.name],
    });
    const secrets = secretsOf(service, settings, this.node.id);
    const own = [...secrets.keys()].filter((name) => name !== "MCP_BEARER_TOKEN");
    new Gateway(this, service.name, {
      service,
      image,
      engine,
      networks: this.#networks,
      environment: { ...gatewayEnvironment(service, hostOf(service), own), ...this.#proxyOf(service) },
      secrets: [...secrets.keys()],
      secretsVersion: versionOf(secrets),
    });
  }

  #addApp(service: App): void {
    const secrets = secretsOf(service, this.#props.settings, this.node.id);
    new AppContainer(this, service.name, {
      service,
      engine: this.#props.engine,
      networks: this.#networks,
      proxy: this.#proxyOf(service),
      secrets: [...secrets.keys()],
      secretsVersion: versionOf(secrets),
    });
  }

  /** What nginx-proxy reads of a container. */
  #proxyOf(service: Service): Record<string, string> {
    return { VIRTUAL_HOST: this.#props.hostOf(service), VIRTUAL_PORT: String(service.port) };
  }
}

type App = Service & { readonly server: { readonly kind: "app" } };

const isApp = (service: Service): service is App => service.server.kind === "app";
