/** A visitor's session (2024-11-05 to 2025-11-25). It counts its ids from 1, as clients do, so that ids collide. */
import { unexpected } from "../../kit/mcp/answers.ts";
import { McpClient } from "../../kit/mcp/client.ts";
import type { Http } from "../../kit/mcp/http.ts";
import { initializeParams } from "../../kit/mcp/messages.ts";
import { Belongings } from "./belongings.ts";
import { INFO } from "./setups.ts";

export class Session extends McpClient {
  readonly belongings = new Belongings();
  /** The longest time between two requests, in milliseconds. */
  longestPause = 0;
  protected override readonly onMessage = this.belongings.check;
  #lastUsed = Date.now();

  static async open(http: Http, version?: string, signal?: AbortSignal): Promise<Session> {
    const session = new Session(http);
    await session.initialize(initializeParams(INFO, version, { roots: {} }), signal);
    return session;
  }

  override get headers(): Record<string, string> {
    this.longestPause = Math.max(this.longestPause, Date.now() - this.#lastUsed);
    this.#lastUsed = Date.now();
    return super.headers;
  }

  /** Ends it. @throws Refusal or Wrong */
  async end(): Promise<void> {
    const reply = await this.http.send({ method: "DELETE", headers: this.headers });
    if (reply.statusCode !== 200) throw await unexpected("DELETE", reply);
    reply.resume();
  }
}
