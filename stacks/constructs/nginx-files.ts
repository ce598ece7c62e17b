/** The configuration that we add to nginx-proxy's own, in volumes: its container cannot write anywhere else. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Construct } from "constructs";
import { longRunning, memory } from "./container-defaults.ts";
import { labels } from "./labels.ts";
import {
  type RequestLimit,
  httpConf,
  locationConf,
  maintenanceConf,
  metricsConf,
  privateNetworks,
  startingConf,
  trusting,
} from "./nginx-configuration.ts";

export interface NginxFilesProps {
  /** nginx-proxy's image. */
  readonly image: Image;
  /** The networks that the client's address is believed from, which may be known to Terraform alone. @default - Docker's */
  readonly trusted?: readonly string[] | undefined;
  /** @default - no limit */
  readonly limit?: RequestLimit | undefined;
  /** Where nginx has its metrics. @default - it has none */
  readonly metrics?: string | undefined;
}

/** The folder that nginx-proxy writes what it generates to. */
const GENERATED = "/etc/nginx/conf.d";

/** The folder of what we add to each host. */
const HOSTS = "/etc/nginx/vhost.d";

/**
 * A container that is created and never started: the provider uploads files into a new container only, and not into a read-only
 * one. What is uploaded below a mounted path is in the volume.
 * @example const files = new NginxFiles(this, "files", { image, trusted, limit });
 */
export class NginxFiles extends Construct {
  /** The mounts of nginx-proxy's container. */
  readonly mounts: {
    readonly type: string;
    readonly target: string;
    readonly source: string;
    readonly readOnly?: boolean;
  }[];
  /** For `replaceTriggeredBy`: nginx-proxy reads the files when it starts. */
  readonly whenChanged: string;

  constructor(scope: Construct, id: string, { image, trusted, limit, metrics }: NginxFilesProps) {
    super(scope, id);
    const generated = new Volume(this, "generated", { name: "gangway-nginx" });
    const hosts = new Volume(this, "hosts", { name: "gangway-vhost" });
    const container = new Container(this, "container", {
      name: "nginx-proxy-files",
      image: image.imageId,
      labels: labels({ part: "proxy-files" }),
      start: false,
      mustRun: false,
      networkMode: "none",
      mounts: [
        { type: "volume", target: GENERATED, source: generated.name },
        { type: "volume", target: HOSTS, source: hosts.name },
      ],
      upload: [
        { file: `${HOSTS}/default`, content: maintenanceConf.server() },
        { file: `${HOSTS}/default_location`, content: locationConf(limit) + maintenanceConf.location() },
        { file: `${GENERATED}/default.conf`, content: startingConf() },
        { file: `${GENERATED}/gangway.conf`, content: confFor(trusted, limit) + maintenanceConf.http() },
        ...(metrics === undefined ? [] : [{ file: `${GENERATED}/metrics.conf`, content: metricsConf(metrics) }]),
      ],
      ...longRunning,
      restart: "no",
      ...memory(32),
    });
    this.whenChanged = `${container.terraformResourceType}.${container.friendlyUniqueId}`;
    this.mounts = [
      { type: "volume", target: GENERATED, source: generated.name },
      { type: "volume", target: HOSTS, source: hosts.name, readOnly: true },
    ];
  }
}

const confFor = (trusted: readonly string[] | undefined, limit: RequestLimit | undefined): string =>
  trusted === undefined ? httpConf(privateNetworks, limit) : trusting(trusted) + httpConf([], limit);
