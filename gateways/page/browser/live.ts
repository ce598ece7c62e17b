/** The page as it is now: each change of a service is drawn where it stands. */
import { serviceView } from "../view/service.ts";
import type { GatewayStatus, ServiceStatus, Tool } from "../status.ts";
import { address, ask, renewProof } from "./ask.ts";
import { announce } from "./copy.ts";
import { patch } from "./dom.ts";

/** Milliseconds before a connection that the gateway refused is tried again. */
const AGAIN = 3_000;

/** The services as they were told last. */
export class Live {
  readonly #known = new Map<string, ServiceStatus>();
  #events: EventSource | undefined;
  readonly #lost = document.querySelector<HTMLElement>("#lost")!;

  /** Begins, and goes on until the page is left. */
  start(): void {
    void this.#refresh();
    this.#connect();
  }

  /** The tool of a service; undefined = it is not known yet. */
  async tool(service: string, name: string): Promise<Tool | undefined> {
    if (this.#known.get(service)?.details?.tools === undefined) await this.#refresh();
    return this.#known.get(service)?.details?.tools?.find((tool) => tool.name === name);
  }

  async #refresh(): Promise<void> {
    const status = await ask<GatewayStatus>("status").catch(() => undefined);
    if (status === undefined) return;
    if (wasLoggedIn() && !status.visitor.isLoggedIn) return this.#endLogin();
    renewProof(status.visitor.csrf);
    for (const service of status.services) this.#update(service);
  }

  /** What the reader sees stays, which a stranger would not be told again. */
  #endLogin(): void {
    this.#events?.close();
    this.#lost.textContent = "Your login has ended. Load the page again to log in.";
    this.#lost.hidden = false;
  }

  #connect(): void {
    const events = (this.#events = new EventSource(address("events")));
    let checked: Promise<void> | undefined;
    events.addEventListener("open", () => {
      if (this.#lost.hidden) return;
      this.#lost.hidden = true;
      checked = this.#refresh(); // what happened meanwhile, perhaps also to the login
    });
    const take = async (data: string) => {
      await checked;
      if (events.readyState !== EventSource.CLOSED) this.#update(JSON.parse(data) as ServiceStatus);
    };
    events.addEventListener("service", ({ data }: MessageEvent<string>) => void take(data));
    events.addEventListener("error", () => {
      this.#lost.hidden = false;
      if (events.readyState === EventSource.CLOSED) setTimeout(() => this.#connect(), AGAIN);
    });
  }

  #update(told: ServiceStatus): void {
    const before = this.#known.get(told.name);
    const status = withTools(told, before);
    this.#known.set(status.name, status);
    // An id could be one of the page's own.
    const node = document.querySelector(`.service[data-service="${CSS.escape(status.name)}"]`);
    if (!node) return;
    const isFolded = node.localName === "details";
    patch(node, serviceView(status, { folded: isFolded }));
    if (before && before.state !== status.state) announce(`${status.name} is ${status.state}.`);
  }
}

const wasLoggedIn = () => document.querySelector("form[action$='/logout']") !== null;

/** An event leaves out tools that are as they were. */
function withTools(told: ServiceStatus, before: ServiceStatus | undefined): ServiceStatus {
  const tools = told.details?.tools ?? before?.details?.tools;
  if (told.details === undefined || tools === undefined || told.state !== "up") return told;
  return { ...told, details: { ...told.details, tools } };
}
