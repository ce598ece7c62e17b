/** The port of the metrics: `GET /metrics`, for whoever reaches it, without a token. */
import { lookup } from "node:dns";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import { isExposed } from "../config/callers.ts";
import { isOwnHost, type HostNames } from "../limits/host-and-origin.ts";
import { takenBy } from "../ports.ts";
import { CONTENT_TYPE } from "./exposition.ts";

export interface MetricsPortOptions {
  /** 0 = any free one. */
  readonly port: number;
  /** An address of this machine, or a name: what shares it with others listens at its own address. */
  readonly host: string;
  /** What is answered. */
  readonly text: () => Promise<string>;
}

/** An open port of metrics. */
export class MetricsPort {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws Error that says what is wrong with the port or the host */
  static async open({ port, host, text }: MetricsPortOptions): Promise<MetricsPort> {
    const address = await ownAddress(host);
    const names: HostNames = { names: new Set([host.toLowerCase(), address]), local: isExposed(address) };
    const server = createServer((req, res) => void answer(req, res, names, text));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(explained(error, port)));
      server.listen(port, address, resolve);
    });
    return new MetricsPort(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A page whose site's name was made to point here does not get the metrics: its browser names that site. */
async function answer(req: IncomingMessage, res: ServerResponse, names: HostNames, text: () => Promise<string>) {
  const isThere = req.method === "GET" && /^\/metrics(\?|$)/.test(req.url ?? "");
  if (!isOwnHost(req.headers.host, names)) return void res.writeHead(403).end("This host name is not the gateway's.\n");
  if (!isThere) return void res.writeHead(404).end("Here is GET /metrics alone.\n");
  res.writeHead(200, { "content-type": CONTENT_TYPE, "cache-control": "no-store" }).end(await text());
}

/**
 * The address of a name that is this machine's. On a network of Docker's, two releases of a service have the same name while one
 * takes over from the other.
 */
async function ownAddress(host: string): Promise<string> {
  const found = await promisify(lookup)(host, { all: true }).catch(() => []);
  const own = new Set(["0.0.0.0", "::", ...addressesHere()]);
  const address = found.find((one) => own.has(one.address))?.address;
  if (address === undefined) throw new Error(`${host} is no address of this machine`);
  return address;
}

const addressesHere = () =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map((one) => one.address);

function explained(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") return new Error(`port ${port} is taken by ${takenBy(port)}`);
  return error;
}
