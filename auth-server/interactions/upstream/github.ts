/** A login at GitHub, which has OAuth but no OpenID Connect: its API says who it is. */
import { fetchJson, formOf, textIn } from "./json.ts";
import { UpstreamError, type Identity, type Return, type Start, type Upstream } from "./upstream.ts";

/** Where GitHub is. A test has its own. */
export interface GitHubUrls {
  readonly site: string;
  readonly api: string;
}

const GITHUB: GitHubUrls = { site: "https://github.com", api: "https://api.github.com" };

export class GitHubUpstream implements Upstream {
  readonly called = "GitHub";
  readonly #client: { readonly clientId: string; readonly clientSecret: string };
  readonly #urls: GitHubUrls;

  constructor(client: { clientId: string; clientSecret: string }, urls = GITHUB) {
    this.#client = client;
    this.#urls = urls;
  }

  async start({ redirectUri, state, challenge }: Start): Promise<URL> {
    const url = new URL(`${this.#urls.site}/login/oauth/authorize`);
    const asked = {
      client_id: this.#client.clientId,
      redirect_uri: redirectUri,
      scope: "user:email",
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url;
  }

  /** The number of an account stays when its name goes to somebody else. */
  async finish(back: Return): Promise<Identity> {
    const token = await this.#exchange(back);
    const { id } = (await this.#ask("/user", token)) as { id?: unknown };
    if (!Number.isSafeInteger(id)) throw new UpstreamError("GitHub did not say who this is");
    return { issuer: this.#urls.site, subject: String(id), email: primaryOf(await this.#ask("/user/emails", token)) };
  }

  async #exchange({ code, redirectUri, verifier }: Return): Promise<string> {
    const { clientId, clientSecret } = this.#client;
    const fields = {
      client_id: clientId,
      client_secret: clientSecret,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    // GitHub answers a wrong code with status 200 and an error.
    return textIn(await fetchJson(`${this.#urls.site}/login/oauth/access_token`, formOf(fields)), "access_token");
  }

  #ask(path: string, token: string): Promise<unknown> {
    const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${token}` };
    return fetchJson(this.#urls.api + path, { headers });
  }
}

/** The primary address, which must be verified. */
function primaryOf(emails: unknown): string {
  const list = (Array.isArray(emails) ? emails : []) as { email?: unknown; primary?: unknown; verified?: unknown }[];
  const email = list.find(({ primary, verified }) => primary === true && verified === true)?.email;
  if (typeof email !== "string") throw new UpstreamError("this GitHub account has no verified primary address");
  return email;
}
