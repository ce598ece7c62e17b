/** Clients of both SDK generations that log in by their own OAuth code. Only the browser is ours. Imported at run time: they may be missing. */

/** Goes where a client sends its user, and comes back to the client's redirect. */
export type Visit = (url: URL) => Promise<URL>;

/** How a client names itself to an authorization server. */
export interface Identity {
  /** Its client ID metadata document, where the server reads such documents. */
  readonly clientMetadataUrl?: string | undefined;
  /** What it was registered as by hand. */
  readonly registered?: { readonly client_id: string; readonly client_secret?: string } | undefined;
  /** Where its user comes back. @default - an address at which nobody waits */
  readonly redirect?: string | undefined;
}

/** A client that is logged in. */
export interface LoggedIn {
  tools(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
  /** What it was given. */
  tokens(): Readonly<Record<string, unknown>>;
  /** Its client id. */
  id(): string;
  /** The session that it is in. */
  session(): string | undefined;
  /** Forgets its access token, so that it has to be refreshed. */
  expire(): void;
  /** Forgets its refresh token: from here on only its user can give it another token. */
  forgetRefreshToken(): void;
  /** How often its user was sent to a browser. */
  visits(): number;
  close(): Promise<void>;
}

const REDIRECT = "http://localhost:33419/callback";

/** Keeps what an SDK asks it to keep, and visits pages. It fits the provider interface of both generations. */
class Keeper {
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  readonly #visit: Visit;
  readonly #kept = new Map<string, never>();
  /** The login that is under way. An SDK begins another one when its stream is refused, too: that one waits for the first. */
  #going: Promise<void> | undefined;
  /** Where the browser came back to, until it is used. */
  back: URL | undefined;
  visits = 0;

  constructor(visit: Visit, { clientMetadataUrl, registered, redirect = REDIRECT }: Identity) {
    this.#visit = visit;
    this.redirectUrl = redirect;
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    if (registered) this.#kept.set("client", registered as never);
  }

  /** What it was registered as last. */
  id = "";

  get clientMetadata() {
    return {
      client_name: "gangway-interop",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }

  state = () => "state-of-interop";
  // What was registered at one authorization server is nothing to another (SEP-2352).
  clientInformation = (at?: { readonly issuer: string }) =>
    this.#kept.get(`client at ${at?.issuer}`) ?? this.#kept.get("client");
  saveClientInformation = (its: { readonly client_id: string }, at?: { readonly issuer: string }) => {
    this.id = its.client_id;
    this.#kept.set(at ? `client at ${at.issuer}` : "client", its as never);
  };
  tokens = () => this.#kept.get("tokens");
  saveTokens = (its: unknown) => {
    this.#kept.set("tokens", its as never);
    this.#kept.delete("discovery"); // the next login may be at another authorization server
  };
  /** Is told what a server no longer accepts. */
  invalidateCredentials = (what: string) => {
    for (const key of this.#kept.keys())
      if (what === "all" || key.startsWith(what.replace(/s$/, ""))) this.#kept.delete(key);
  };
  codeVerifier = () => this.#kept.get("verifier")!;
  saveCodeVerifier = (its: string) => void (this.#going ?? this.#kept.set("verifier", its as never));
  discoveryState = () => this.#kept.get("discovery");
  saveDiscoveryState = (its: unknown) => void this.#kept.set("discovery", its as never);
  redirectToAuthorization = (url: URL) => (this.#going ??= this.#go(url));

  /** What the user came back with has been used. */
  finished(): void {
    this.back = undefined;
    this.#going = undefined;
  }

  async #go(url: URL): Promise<void> {
    this.visits++;
    this.back = await this.#visit(url);
  }
}

/** What both generations have in common. */
interface Sdk {
  readonly client: {
    connect(transport: never): Promise<void>;
    listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
    callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly transport: () => never;
  readonly finish: (transport: never, back: URL) => Promise<void>;
  readonly isUnauthorized: (error: unknown) => boolean;
}

const info = { name: "gangway-interop", version: "1.0.0" };

const generations = { v1: sdkV1, v2: sdkV2 };
export type Generation = keyof typeof generations;

async function sdkV1(url: URL, authProvider: Keeper): Promise<Sdk> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const { UnauthorizedError } = await import("@modelcontextprotocol/sdk/client/auth.js");
  return {
    client: new Client(info),
    transport: () => new StreamableHTTPClientTransport(url, { authProvider }) as never,
    finish: (transport: InstanceType<typeof StreamableHTTPClientTransport>, back) =>
      transport.finishAuth(back.searchParams.get("code")!),
    isUnauthorized: (error) => error instanceof UnauthorizedError,
  };
}

async function sdkV2(url: URL, authProvider: Keeper): Promise<Sdk> {
  const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await import("@modelcontextprotocol/client");
  const mode = process.env["MCP_CONFORMANCE_PROTOCOL_VERSION"] === "2026-07-28" ? "auto" : "legacy";
  return {
    client: new Client(info, { versionNegotiation: { mode } }),
    transport: () => new StreamableHTTPClientTransport(url, { authProvider }) as never,
    finish: (transport: InstanceType<typeof StreamableHTTPClientTransport>, back) =>
      transport.finishAuth(back.searchParams),
    isUnauthorized: (error) => error instanceof UnauthorizedError,
  };
}

/** A client asks for more at most so often: a server that is never content would keep it busy. */
const ROUNDS = 2;

/** Connects, and logs in when it is asked to. */
export async function logIn(
  generation: Generation,
  url: string,
  visit: Visit,
  identity: Identity = {},
): Promise<LoggedIn> {
  const keeper = new Keeper(visit, identity);
  const sdk = await generations[generation](new URL(url), keeper);
  let transport = sdk.transport();

  /** Does something, and again after each login that it takes. */
  const authorized = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let round = 1; ; round++)
      try {
        return await work();
      } catch (error) {
        if (!sdk.isUnauthorized(error) || !keeper.back || round > ROUNDS) throw error;
        await sdk.finish(transport, keeper.back);
        keeper.finished();
      }
  };

  await authorized(() => {
    transport = keeper.visits === 0 ? transport : sdk.transport();
    return sdk.client.connect(transport);
  });
  return {
    tools: async () => (await authorized(() => sdk.client.listTools())).tools.map(({ name }) => name),
    call: (name, args) => authorized(() => sdk.client.callTool({ name, arguments: args })),
    tokens: () => keeper.tokens() ?? {},
    id: () => keeper.id,
    session: () => (transport as { readonly sessionId?: string }).sessionId,
    expire: () => keeper.saveTokens(Object.assign({}, keeper.tokens(), { access_token: "expired" })),
    forgetRefreshToken: () => keeper.saveTokens(Object.assign({}, keeper.tokens(), { refresh_token: undefined })),
    visits: () => keeper.visits,
    close: () => sdk.client.close(),
  };
}
