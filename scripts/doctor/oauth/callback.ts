/** The browser of the person at the terminal: told a URL, it comes back to a port of this machine. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ask } from "../../kit/ask.ts";
import { tell } from "../../kit/print.ts";
import type { Authorization } from "./steps/authorize.ts";
import type { Browser } from "./steps/grant.ts";

/** How long a person may take to log in. */
const PATIENCE = 300_000;

/** A browser that starts where its user is told to, and goes on by itself to whatever comes next. */
export class Callback implements Browser {
  readonly #servers: Server[] = [];
  #onReturn: ((url: URL) => void) | undefined;
  #waiting: ServerResponse | undefined;

  /** Listens on both loopback addresses: `localhost` may be either. */
  static async listen(): Promise<Callback> {
    const its = new Callback();
    const port = await its.#open("127.0.0.1", 0);
    await its.#open("::1", port).catch(() => {}); // a machine without IPv6 has no such address
    return its;
  }

  get port(): number {
    return (this.#servers[0]!.address() as AddressInfo).port;
  }

  async visit({ url, state }: Authorization): Promise<URL | undefined> {
    const returned = this.#return(state);
    if (this.#waiting) this.#send(302, { location: url });
    else
      tell(
        `\n  Log in with your browser, within five minutes, and allow access each time it is asked for:\n\n  ${url}\n`,
      );
    return returned;
  }

  async namedHosts({ url, redirect }: Authorization): Promise<boolean | undefined> {
    const { searchParams } = new URL(url);
    const client = searchParams.get("client_id") ?? "";
    const hosts = [client, redirect].filter((one) => URL.canParse(one)).map((one) => new URL(one).hostname);
    const answer = await ask(`Did the page that asked for your consent name ${hosts.join(" and ")}? [Y/n]`);
    return answer === "" ? undefined : !/^n/i.test(answer);
  }

  close(): void {
    this.#send(200, { "content-type": "text/plain" }, "The doctor has seen enough. You may close this page.\n");
    for (const server of this.#servers) {
      server.close();
      server.closeIdleConnections();
    }
  }

  #open(host: string, port: number): Promise<number> {
    const server = createServer((req, res) => this.#answer(req, res));
    return new Promise((resolve, reject) => {
      server.once("error", reject).listen(port, host, () => {
        this.#servers.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Only the answer to this request counts: a browser may bring anything. */
  #return(state: string): Promise<URL | undefined> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(undefined), PATIENCE);
      this.#onReturn = (url) => {
        if (url.searchParams.get("state") !== state) return;
        clearTimeout(late);
        resolve(url);
      };
    });
  }

  /** The page stays open until it is known where the browser goes next. */
  #answer(req: IncomingMessage, res: ServerResponse): void {
    const url = new URL(req.url ?? "", `http://localhost:${this.port}`);
    if (!url.searchParams.has("state")) return void res.writeHead(404).end();
    this.#send(200, {});
    this.#waiting = res;
    this.#onReturn?.(url);
  }

  #send(status: number, headers: Readonly<Record<string, string>>, text = ""): void {
    this.#waiting?.writeHead(status, { connection: "close", ...headers }).end(text);
    this.#waiting = undefined;
  }
}
