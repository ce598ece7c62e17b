/** A session at an upstream, and how the gateway makes sure that the upstream still knows it. */
import { decode, find, notification, readMessage, request } from "../jsonrpc.ts";
import { speaksOfLoss, verdictOn } from "./session-loss.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";
import { firstAnswer, readSmallBody } from "./upstream-response.ts";

/** Milliseconds for each question to an upstream about its session. */
const QUESTION_TIME = 5_000;

/** After the upstream has shown that it knows the session, doubts are ignored for this many milliseconds. */
const TRUSTED_FOR = 5_000;

export const POST_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** Sends one request, with the headers of the session that it belongs to. */
export type SendRequest = (
  request: UpstreamRequest,
  session: Readonly<Record<string, string>>,
) => Promise<UpstreamResponse>;

/** What was agreed in the handshake, and whether it still holds. */
export class UpstreamSession {
  readonly #send: SendRequest;
  #initialize = "";
  #id: string | undefined;
  #version: string | undefined;
  #asking: Promise<boolean> | undefined;
  #trustedUntil = 0;

  constructor(send: SendRequest) {
    this.#send = send;
  }

  /** Undefined when the upstream keeps no sessions. */
  get id(): string | undefined {
    return this.#id;
  }

  /** What every request of the session carries. */
  get headers(): Record<string, string> {
    return {
      ...(this.#id !== undefined && { "mcp-session-id": this.#id }),
      ...(this.#version !== undefined && { "mcp-protocol-version": this.#version }),
    };
  }

  /** The gateway sends `initialize`. What an earlier one agreed on is void. */
  begins(initialize: string): void {
    this.#initialize = initialize;
    this.#id = undefined;
    this.#version = undefined;
  }

  accepted(response: UpstreamResponse): void {
    this.#id = sessionIn(response);
  }

  /** @param answer the answer to `initialize` */
  answered(answer: string): void {
    this.#version ??= versionIn(answer);
  }

  /** Whether the session is lost, given the response to a request that named it. A doubt is settled by asking the upstream. */
  async isLost(status: number, said: string): Promise<boolean> {
    if (this.#id === undefined) return false;
    const verdict = verdictOn(status, said);
    if (verdict !== "doubtful") return verdict === "lost";
    return this.ask();
  }

  /** Asks the upstream whether it knows the session. @returns whether it is lost for certain */
  ask(): Promise<boolean> {
    if (this.#id === undefined || performance.now() < this.#trustedUntil) return Promise.resolve(false);
    this.#asking ??= this.#question().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #question(): Promise<boolean> {
    const lost = await this.#pingIsRefused(this.headers)
      .then(async (refused) => (refused === "maybe" ? await this.#anotherWorks() : refused))
      .catch(() => false); // it cannot be reached, so it says nothing about the session
    if (!lost) this.#trustedUntil = performance.now() + TRUSTED_FOR;
    return lost;
  }

  /** @returns "maybe" when the upstream refuses the ping without a reason that speaks of the session */
  async #pingIsRefused(session: Readonly<Record<string, string>>): Promise<boolean | "maybe"> {
    const response = await this.#post(request(`"${Math.random()}"`, "ping", {}), session);
    if (response.status >= 300) {
      const said = await readSmallBody(response);
      if (verdictOn(response.status, said) === "lost" || speaksOfLoss(said)) return true;
      return verdictOn(response.status, said) === "doubtful" ? "maybe" : false;
    }
    const answer = await firstAnswer(response);
    return answer !== undefined && find(answer, 0, "error") !== undefined && speaksOfLoss(answer);
  }

  /** Whether the upstream takes a ping in a new session: then it is the old session that it refused, and not the ping. */
  async #anotherWorks(): Promise<boolean> {
    const opened = await this.#post(this.#initialize, {});
    const answer = opened.status < 300 ? await firstAnswer(opened) : await readSmallBody(opened).then(() => undefined);
    if (answer === undefined || !find(answer, 0, "result")) return false;
    const id = sessionIn(opened);
    const version = versionIn(answer);
    const session = { ...(id && { "mcp-session-id": id }), ...(version && { "mcp-protocol-version": version }) };
    void readSmallBody(await this.#post(notification("notifications/initialized"), session));
    const works = (await this.#pingIsRefused(session)) === false;
    void this.#end(session).catch(() => {});
    return works;
  }

  async #end(session: Readonly<Record<string, string>>): Promise<void> {
    const signal = AbortSignal.timeout(QUESTION_TIME);
    await readSmallBody(await this.#send({ method: "DELETE", headers: {}, signal }, session));
  }

  #post(body: string, session: Readonly<Record<string, string>>): Promise<UpstreamResponse> {
    const signal = AbortSignal.timeout(QUESTION_TIME);
    return this.#send({ method: "POST", headers: POST_HEADERS, body, signal }, session);
  }
}

const sessionIn = ({ headers }: UpstreamResponse) => headers["mcp-session-id"] as string | undefined;

/** The version in an answer to `initialize`, if it is fit for a header. */
function versionIn(text: string): string | undefined {
  try {
    const span = find(text, 0, "result", "protocolVersion");
    const version = span && decode(text, span);
    return typeof version === "string" && /^[\w.-]{1,64}$/.test(version) ? version : undefined;
  } catch {
    return undefined; // not JSON: whoever reads the answer reports it
  }
}

/** Whether an answer is an error that could mean that the session is lost. Nearly all answers are results. */
export function raisesDoubt(text: string): boolean {
  if (text.length > 4_096 || !text.includes('"error"') || !speaksOfLoss(text)) return false;
  return readMessage(text)?.kind === "response" && find(text, 0, "error") !== undefined;
}
