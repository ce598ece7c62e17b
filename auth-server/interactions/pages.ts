/** The pages on which people log in: which request goes where. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { failurePage } from "../pages/message.ts";
import { sent } from "../pages/document.ts";
import type { PageError, Pages } from "../server.ts";
import { showConsent, takeConsent } from "./consent-step.ts";
import { CALLBACK_PATH, comeBack, leave, wayBack } from "./elsewhere.ts";
import { showLogin, takeLogin } from "./login-step.ts";
import { showLink, takeLink } from "./password-link.ts";
import { expired, notFound, PageRefusal, refusalIn } from "./refusal.ts";
import { goTo, show, visitOf, type PagesParts, type Visit } from "./visit.ts";

export class LoginPages implements Pages {
  readonly #parts: PagesParts;

  constructor(parts: PagesParts) {
    this.#parts = parts;
  }

  async handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    await this.#answer(res, () => this.#route(req, res, path));
  }

  /**
   * Whether a login may go on at the authorization endpoint: only in the browser that has seen its pages. Without this, whoever
   * begins a login and makes somebody else finish it would be logged in as them.
   * @returns false when the request has been answered
   */
  async admit(req: IncomingMessage, res: ServerResponse, uid: string): Promise<boolean> {
    const browser = this.#parts.cookie.of(req);
    return this.#answer(res, async () => {
      const step = browser && (await this.#parts.steps.begun(uid, browser));
      if (!step) throw expired();
    });
  }

  errorPage({ code, description, flow }: PageError): { headers: Readonly<Record<string, string>>; body: string } {
    return sent(failurePage({ title: "This login cannot go on", text: description ?? code, code, flow }));
  }

  /** Shows a page instead of what is refused. @returns false when it has */
  async #answer(res: ServerResponse, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal === undefined || res.headersSent) throw error;
      show(res, failurePage(refusal.failure), refusal.status, refusal.headers);
      return false;
    }
  }

  async #route(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const url = new URL(req.url ?? "/", this.#parts.config.issuer);
    if (path === CALLBACK_PATH) return goBack(res, url);
    const [, link] = /^\/login\/password\/([\w-]{43})$/.exec(path) ?? [];
    if (link !== undefined) return this.#link(req, res, link);
    const [, uid, rest] = /^\/login\/([\w-]{21,64})(?:\/(elsewhere|back))?$/.exec(path) ?? [];
    if (uid === undefined) throw notFound();
    const visit = await visitOf(this.#parts, req, res, uid);
    if (rest !== undefined && visit.login.step !== "login") throw expired();
    if (rest === "elsewhere") return leave(visit);
    if (rest === "back") return comeBack(visit);
    await this.#step(visit);
  }

  async #link(req: IncomingMessage, res: ServerResponse, secret: string): Promise<void> {
    await (isPost(req) ? takeLink : showLink)(this.#parts, req, res, secret);
  }

  async #step(visit: Visit): Promise<void> {
    const isSent = isPost(visit.req);
    if (visit.login.step === "login") return isSent ? takeLogin(visit) : showLogin(visit);
    await (isSent ? takeConsent(visit) : showConsent(visit));
  }
}

function goBack(res: ServerResponse, url: URL): void {
  const location = wayBack(url);
  if (location === undefined) throw expired();
  goTo(res, location);
}

/** @throws PageRefusal for other methods than GET and POST */
function isPost({ method }: IncomingMessage): boolean {
  if (method === "POST") return true;
  if (method === "GET" || method === "HEAD") return false;
  throw new PageRefusal(
    405,
    { title: "There is nothing here for this method", text: "Expected GET or POST." },
    { allow: "GET, POST" },
  );
}
