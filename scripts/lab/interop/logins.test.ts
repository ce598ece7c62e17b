/** The code with which real clients log in, against our authorization server. The resource is a service as a gateway shows it. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Browser, introspectWith, REDIRECT } from "../../../auth-server/fixtures/client.ts";
import { startDocuments } from "../../../auth-server/fixtures/documents.ts";
import { secretOf, startAuth } from "../../../auth-server/fixtures/server.ts";
import { installed } from "./gateway.ts";

interface Held {
  readonly access_token: string;
}

/** The client's side of a login, which both generations of the SDK ask the same of. */
class Login {
  readonly redirectUrl = REDIRECT;
  readonly clientMetadata = {
    client_name: "A client of the SDK",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  readonly clientMetadataUrl: string | undefined;
  /** Where the user is sent. */
  sentTo: URL | undefined;
  #client: object | undefined;
  #tokens: Held | undefined;
  #verifier = "";

  constructor(clientMetadataUrl?: string) {
    this.clientMetadataUrl = clientMetadataUrl;
  }

  clientInformation = () => this.#client as never;
  saveClientInformation = (client: object) => void (this.#client = client);
  tokens = () => this.#tokens as never;
  saveTokens = (tokens: Held) => void (this.#tokens = tokens);
  redirectToAuthorization = (url: URL) => void (this.sentTo = url);
  saveCodeVerifier = (verifier: string) => void (this.#verifier = verifier);
  codeVerifier = () => this.#verifier;

  get held() {
    return this.#tokens;
  }
}

/** What the SDK calls `auth`. */
type Auth = (
  provider: Login,
  options: { serverUrl: string; authorizationCode?: string; iss?: string },
) => Promise<string>;

const v1 = "@modelcontextprotocol/sdk/client/auth.js";
const v2 = "@modelcontextprotocol/client";

/** Imported where the packages are installed alone. */
const authOf = async (name: string) => ((await import(name)) as { auth: Auth }).auth;

/** A service at which nobody comes in without a token, and an authorization server that gives them out. */
async function startService(rooms = {}) {
  const server = createServer((req, res) => {
    if (req.url === "/.well-known/oauth-protected-resource/mcp")
      return void res.end(
        JSON.stringify({ resource: url, authorization_servers: [auth.issuer], scopes_supported: ["memory"] }),
      );
    res.writeHead(req.url === "/mcp" ? 401 : 404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  onTestFinished(() => void server.close());
  const auth = await startAuth({ resources: [{ service: "memory", urls: [url] }, { service: "notes" }], rooms });
  return { auth, url };
}

describe.skipIf(!installed).each([
  ["SDK v1", v1],
  ["SDK v2", v2],
])("the client of %s", (_, name) => {
  test.each(["registers itself", "has a metadata document"])("%s, logs in and refreshes", async (kind) => {
    const documents = await startDocuments({ redirect_uris: ["http://127.0.0.1/callback"] });
    const { auth, url } = await startService({ reach: documents.reach });
    const hasDocument = kind.includes("document");
    const login = new Login(hasDocument ? documents.url("/client.json") : undefined);
    const logIn = await authOf(name);
    expect(await logIn(login, { serverUrl: url })).toBe("REDIRECT");
    const { client_id: id, ...asked } = Object.fromEntries(login.sentTo!.searchParams);
    expect(id === documents.url("/client.json")).toBe(hasDocument);
    expect(asked).toMatchObject({ resource: url, code_challenge_method: "S256" });
    const back = await new Browser(auth.issuer).visit(login.sentTo!.href);
    const { code = "", iss = "" } = Object.fromEntries(new URL(back.headers.get("location")!).searchParams);
    expect(await logIn(login, { serverUrl: url, authorizationCode: code, iss })).toBe("AUTHORIZED");
    const first = login.held!;
    expect(await logIn(login, { serverUrl: url })).toBe("AUTHORIZED"); // with its refresh token
    const { body } = await introspectWith(auth.issuer, secretOf("memory"), login.held!.access_token);
    expect(login.held!.access_token).not.toBe(first.access_token);
    expect(body).toMatchObject({ active: true, aud: url, scope: "memory" });
  });
});
