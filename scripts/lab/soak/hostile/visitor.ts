/** The good client: one call after another at a steady pace, each of them checked and timed. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { LATEST } from "../../../kit/mcp/messages.ts";
import { percentile, median } from "../../bench/statistics.ts";

/** Milliseconds between the beginnings of two calls. */
const PACE = 20;
/** Milliseconds that are looked at together: what one pause of the machine spoils. */
const WINDOW = 5_000;

/** How the calls of one phase went. */
export interface Calls {
  readonly made: number;
  readonly failed: readonly string[];
  /** The 99th percentile of each window's times, in milliseconds: the median over all windows. */
  readonly p99: number;
  readonly p50: number;
}

export class Visitor {
  readonly #port: number;
  readonly #headers: Record<string, string>;
  // An address of its own: what is limited for each address must not limit it.
  readonly #agent = new Agent({ keepAlive: true, localAddress: "127.0.0.2", maxSockets: 4 });

  constructor(port: number, token: string) {
    this.#port = port;
    this.#headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
  }

  async open(): Promise<void> {
    const params = { protocolVersion: LATEST, capabilities: {}, clientInfo: { name: "visitor", version: "1" } };
    const { session } = await this.#send({ jsonrpc: "2.0", id: 0, method: "initialize", params });
    this.#headers["mcp-session-id"] = session;
    await this.#send({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  /** Calls until a time (Date.now()). */
  async callUntil(deadline: number): Promise<Calls> {
    const windows: number[][] = [[]];
    const failed: string[] = [];
    let made = 0;
    for (let end = Date.now() + WINDOW; Date.now() < deadline;) {
      const began = performance.now();
      await this.#call(++made).catch((error: unknown) => failed.push(String(error)));
      const took = performance.now() - began;
      windows.at(-1)!.push(took);
      if (Date.now() > end) {
        windows.push([]);
        end = Date.now() + WINDOW;
      }
      await sleep(Math.max(0, PACE - took));
    }
    const full = windows.filter(({ length }) => length > 20);
    const typical = (share: number) => median(full.map((times) => percentile(times, share)));
    return { made, failed, p99: typical(0.99), p50: typical(0.5) };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(id: number): Promise<void> {
    const text = `call ${id}`;
    const params = { name: "echo", arguments: { text } };
    const { body, status } = await this.#send({ jsonrpc: "2.0", id, method: "tools/call", params });
    if (status !== 200 || !body.includes(`"${text}"`) || !body.includes('"result"'))
      throw new Error(`call ${id}: HTTP ${status} ${body.slice(0, 300)}`);
  }

  #send(message: object): Promise<{ status: number; body: string; session: string }> {
    return new Promise((resolve, reject) => {
      const options = { port: this.#port, host: "127.0.0.1", path: "/visited/mcp", method: "POST", agent: this.#agent };
      const sent = request({ ...options, headers: this.#headers, timeout: 60_000 }, (reply) => {
        let body = "";
        reply.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        reply.once("end", () =>
          resolve({ status: reply.statusCode ?? 0, body, session: String(reply.headers["mcp-session-id"]) }),
        );
        reply.once("error", reject);
      });
      sent.once("timeout", () => sent.destroy(new Error("nothing for a minute"))).once("error", reject);
      sent.end(JSON.stringify(message));
    });
  }
}
