/** Everything that runs in containers: on this machine (stack `local`), or on the droplet (stack `services`). */
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { DefaultTokenResolver, Fn, StringConcat, TerraformOutput, TerraformStack, Tokenization } from "cdktf";
import type { Construct } from "constructs";
import { AUTH_SERVER, isPublic, keyLabel } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { kindOf } from "./catalog/kinds/registry.ts";
import { BuiltImage } from "./constructs/built-image.ts";
import { verifyModule } from "./catalog/verify.ts";
import { AcmeCompanion, certificateVolumes } from "./constructs/acme-companion.ts";
import { type App, AppContainer } from "./constructs/app-container.ts";
import { AuthServer } from "./constructs/auth-server.ts";
import { Connector, CONNECTOR_USER } from "./constructs/connector.ts";
import { IMAGE_USER } from "./constructs/container-defaults.ts";
import { labelDeployment } from "./constructs/deployment-label.ts";
import type { Engine } from "./constructs/engine.ts";
import { Gateway, type GatewayProps } from "./constructs/gateway.ts";
import { HostPort } from "./constructs/host-port.ts";
import { Networks } from "./constructs/networks.ts";
import type { RequestLimit } from "./constructs/nginx-configuration.ts";
import { NginxProxy } from "./constructs/nginx-proxy.ts";
import { SecretVolume } from "./constructs/secret-volume.ts";
import { serverNetwork } from "./constructs/server-network.ts";
import { issuerOf, publicUrl } from "./deployed.ts";
import { type McpService, gatewayEnvironment, settingsForAll } from "./gateway-environment.ts";
import type { GatewayFiles, ProgramFiles } from "./images/bundle.ts";
import { digestOf } from "./images/context.ts";
import type { Pin } from "./images/pins.ts";
import { authContext, egressContext, gatewayContext, serverContext } from "./images/server-image.ts";
import { authServerEnvironment, authServerSecrets, loginEnvironment } from "./login-environment.ts";
import { hasAuthServer, RESOURCES, resourcesOf, usesAuthServer } from "./logins.ts";
import { monitoringFiles } from "./monitoring.ts";
import { project } from "./project.ts";
import { secretsOf, secretsVersion, versionOf } from "./secrets.ts";
import { AUTH_PORT, hasKeyHost } from "./settings/auth.ts";
import type { Settings } from "./settings.ts";
import { masterTokens } from "./tokens.ts";
import type { ToolsLock } from "./tools-lock.ts";

export interface ServicesStackProps {
  /** What its containers are labelled with. */
  readonly deployment: string;
  readonly services: readonly Service[];
  readonly settings: Settings;
  readonly engine: Engine;
  /** Where requests to ports 80 and 443 of the proxy come from: Cloudflare's networks. @default - the ports are closed */
  readonly directFrom?: readonly string[];
  /** The port of a service on this machine, if it has one. @default - none: services have only their public names */
  readonly portOf?: (service: Service) => number | undefined;
  /** The public name of a service. */
  readonly hostOf: (service: Pick<Service, "hostname">) => string;
  readonly gateway: GatewayFiles;
  /** The files of the authorization server. Needed where callers log in at ours. */
  readonly authServer?: ProgramFiles | undefined;
  /** Earlier releases that services are held at. @default {} */
  readonly pins?: Readonly<Record<string, Pin>>;
  /** The reviewed tools. @default - none are */
  readonly toolsLock?: ToolsLock;
  /** What one client address may send to the proxy. @default - no limit: the gateways have their own */
  readonly limit?: RequestLimit;
  /** Certificates for every public name. @default - none */
  readonly certificates?: { readonly email: string; readonly challenge: "HTTP-01" | "DNS-01" };
  /** The tunnel that the connector serves. @default - no connector */
  readonly tunnelId?: string;
}

/** @example new ServicesStack(app, "local", { services, settings, engine, portOf, hostOf, gateway }); */
export class ServicesStack extends TerraformStack {
  readonly #networks: Networks;
  readonly #proxy: NginxProxy;
  readonly #props: ServicesStackProps;
  /** Of all gateways that need none of their own. */
  #commonImage: BuiltImage | undefined;
  /** Of the proxies of servers that may reach certain hosts. */
  #egressImage: BuiltImage | undefined;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id);
    const { services, engine, directFrom, limit, certificates, tunnelId, pins = {} } = props;
    this.#props = props;
    labelDeployment(this, props.deployment);
    new DockerProvider(this, "docker", {
      ...(engine.host !== undefined && { host: engine.host }),
      ...(engine.certificates !== undefined && { certPath: engine.certificates }),
      ...(engine.sshOpts && { sshOpts: [...engine.sshOpts] }),
    });
    this.#networks = new Networks(this, "networks", services);
    const volumes = certificates && certificateVolumes;
    this.#proxy = new NginxProxy(this, "nginx-proxy", {
      engine,
      networks: this.#networks,
      ...(directFrom && { directFrom }),
      ...(limit && { limit }),
      ...(volumes && { volumes }),
    });
    if (certificates) this.#addCertificates(certificates);
    if (tunnelId !== undefined) this.#addConnector(tunnelId);
    // So that a plan shows which services do not follow the catalog.
    if (Object.keys(pins).length > 0) new TerraformOutput(this, "pinned", { value: pins });
    const auth = this.#addAuthServer();
    for (const service of services) {
      if (isApp(service)) this.#addApp(service);
      else this.#addGateway(service as McpService, auth);
      this.#addPorts(service);
    }
  }

  /** cdktf would evaluate every resource once more, to find what it takes from another stack. Here that is among the props. */
  override prepareStack(): void {
    this.ensureBackendExists();
    const { engine, directFrom, tunnelId } = this.#props;
    const resolver = new DefaultTokenResolver(new StringConcat());
    Tokenization.resolve({ engine, directFrom, tunnelId }, { scope: this, preparing: true, resolver });
  }

  /** One for all services whose callers log in with us. */
  #addAuthServer(): AuthServer | undefined {
    const { services, settings, engine, authServer, hostOf, portOf, pins = {} } = this.#props;
    if (!hasAuthServer(services, settings)) return undefined;
    if (authServer === undefined) throw new Error("the files of the authorization server are missing");
    const [networks, proxy, stack] = [this.#networks, this.#proxy, this.node.id];
    const host = hostOf({ hostname: AUTH_SERVER });
    const [context, pin] = [authContext(authServer), pins[AUTH_SERVER]?.auth];
    const secrets = authServerSecrets(settings);
    const known = JSON.stringify(resourcesOf(services, settings, stack, publicUrl(settings, stack)));
    if (portOf !== undefined) this.#addPort(`${AUTH_SERVER}-port`, settings.authPort, host, true);
    return new AuthServer(this, AUTH_SERVER, {
      image: new BuiltImage(this, `${AUTH_SERVER}-image`, { of: AUTH_SERVER, context, pin }),
      engine,
      networks,
      environment: {
        ...authServerEnvironment(issuerOf(settings, stack), settings),
        ...this.#routing([host], AUTH_PORT),
      },
      secret: secrets.length > 0 ? this.#ownSecrets(AUTH_SERVER, secrets, IMAGE_USER) : undefined,
      resourcesVersion: versionOf(new Map([[RESOURCES, known]])),
      writer: proxy.image,
    });
  }

  #addGateway(service: McpService, auth: AuthServer | undefined): void {
    const { engine, hostOf, settings, services, toolsLock } = this.#props;
    const { secrets, secretsVersion } = this.#secretsOf(service);
    const stack = this.node.id;
    const login = loginEnvironment(service, settings, {
      host: hostOf(service),
      keyHost: this.#keyHostOf(service),
      url: publicUrl(settings, stack)(service),
      issuer: issuerOf(settings, stack),
    });
    new Gateway(this, service.name, {
      service,
      image: this.#gatewayImage(service),
      server: this.#serverOf(service),
      engine,
      networks: this.#networks,
      environment: {
        ...gatewayEnvironment(service, hostOf(service), secrets, settingsForAll(settings), services, toolsLock),
        ...login,
        ...this.#proxyOf(service),
      },
      secrets,
      secretsVersion,
      writer: this.#proxy.image,
      ...(auth && usesAuthServer(service, settings) && { after: [auth.knowsServices] }),
    });
  }

  /** The image of its gateway: one of its own, if it is pinned or has a verifier of the project's, and else the common one. */
  #gatewayImage(service: McpService): BuiltImage {
    const { gateway, pins = {} } = this.#props;
    const context = gatewayContext(service, gateway);
    const pin = pins[service.name]?.gateway;
    const isCommon = verifyModule(service, project) === undefined && (pin === undefined || pin === digestOf(context));
    if (isCommon) return (this.#commonImage ??= new BuiltImage(this, "gateway-image", { of: "gateway", context }));
    return new BuiltImage(this, `${service.name}-gateway-image`, { of: service.name, context, pin });
  }

  /** The container of its server, if it is a process. */
  #serverOf(service: McpService): GatewayProps["server"] {
    const kind = kindOf(service.server);
    if (kind.role !== "stdio") return undefined;
    const [context, pin] = [
      serverContext(service, kind.recipe(service.server)),
      this.#props.pins?.[service.name]?.server,
    ];
    return {
      command: kind.command(service.server),
      image: new BuiltImage(this, `${service.name}-image`, { of: service.name, context, pin }),
      network: serverNetwork(this, {
        service,
        services: this.#props.services,
        networks: this.#networks,
        engine: this.#props.engine,
        egressImage: () =>
          (this.#egressImage ??= new BuiltImage(this, "egress-image", { of: "egress", context: egressContext() })),
      }),
    };
  }

  #addApp(service: App): void {
    new AppContainer(this, service.name, {
      service,
      engine: this.#props.engine,
      networks: this.#networks,
      proxy: this.#proxyOf(service),
      files: monitoringFiles(service, {
        services: this.#props.services,
        urlOf: (one) => this.#urlForProbes(one),
        hasTunnel: this.#props.tunnelId !== undefined,
      }),
      hostPort: isPublic(service) ? undefined : this.#props.portOf?.(service),
      ...this.#secretsOf(service),
      writer: this.#proxy.image,
    });
  }

  /** Where the world sees whether a service is there. Of this machine the world knows nothing. */
  #urlForProbes(service: Service): string | undefined {
    const { portOf, hostOf } = this.#props;
    return portOf === undefined ? `https://${hostOf(service)}/${isApp(service) ? "" : "health"}` : undefined;
  }

  /** A service without a public name has no way through the proxy: its container publishes the port itself. */
  #addPorts(service: Service): void {
    const { portOf, hostOf, settings } = this.#props;
    const port = portOf?.(service);
    if (port === undefined || !isPublic(service)) return;
    const keyPort = settings.keyPort(service);
    this.#addPort(`${service.name}-port`, port, hostOf(service));
    if (keyPort !== undefined) this.#addPort(`${keyLabel(service.name)}-port`, keyPort, this.#keyHostOf(service));
  }

  #addPort(name: string, port: number, host: string, keepsOrigin = false): void {
    new HostPort(this, name, { name, port, host, networks: this.#networks, proxy: this.#proxy, keepsOrigin });
  }

  #addCertificates({ email, challenge }: NonNullable<ServicesStackProps["certificates"]>): void {
    const [engine, networks, proxy] = [this.#props.engine, this.#networks, this.#proxy];
    const dns = challenge === "DNS-01" ? this.#ownSecrets("acme-companion", ["CLOUDFLARE_API_TOKEN"], 0) : undefined;
    new AcmeCompanion(this, "acme-companion", { engine, networks, proxy, email, ...(dns && { dns }) });
  }

  #addConnector(tunnelId: string): void {
    const token = this.#ownSecrets("cloudflared", ["CF_TUNNEL_TOKEN"], CONNECTOR_USER, tunnelId);
    new Connector(this, "cloudflared", { engine: this.#props.engine, networks: this.#networks, token });
  }

  /** Secrets of a container outside the catalog. The secret of our own tunnel changes with the tunnel. */
  #ownSecrets(service: string, names: readonly string[], owner: number, tunnelId?: string): SecretVolume {
    const { settings, engine } = this.#props;
    const values = names.map((name) => [name, settings.value(name)] as const);
    const known = values.filter((pair): pair is [string, string] => pair[1] !== undefined);
    const version = known.length === 0 ? Fn.substr(tunnelId ?? "", 0, 24) : versionOf(new Map(known));
    return new SecretVolume(this, `${service}-secrets`, {
      service,
      engine,
      names,
      version,
      owner,
      writer: this.#proxy.image,
      ...(tunnelId !== undefined && { tunnelId }),
    });
  }

  #secretsOf(service: Service): { secrets: string[]; secretsVersion: string } {
    const [{ settings }, stack] = [this.#props, this.node.id];
    const secrets = secretsOf(service, settings, stack);
    const version = secretsVersion(service, secrets, masterTokens(settings, stack));
    return { secrets: [...secrets.keys()], secretsVersion: version };
  }

  /** Where a service with logins takes tokens. */
  #keyHostOf({ hostname }: Service): string {
    return this.#props.hostOf({ hostname: keyLabel(hostname) });
  }

  /** What the proxy is told of a service; nothing if it is not public. */
  #proxyOf(service: Service): Record<string, string> {
    if (!isPublic(service)) return {};
    const { hostOf, settings } = this.#props;
    const both = hasKeyHost(settings.auth(service));
    return this.#routing([hostOf(service), ...(both ? [this.#keyHostOf(service)] : [])], service.port);
  }

  /** What nginx-proxy and acme-companion read of a container. */
  #routing(hosts: readonly string[], port: number): Record<string, string> {
    const routing = { VIRTUAL_HOST: hosts.join(","), VIRTUAL_PORT: String(port) };
    return this.#props.certificates ? { ...routing, LETSENCRYPT_HOST: hosts.join(",") } : routing;
  }
}

const isApp = (service: Service): service is App => kindOf(service.server).role === "app";
