/** Logins that are under way, for the pages in interactions/: who asks for what, and how each of them ends. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Interaction, InteractionResults, Provider } from "oidc-provider";
import { OFFLINE_ACCESS } from "../gateways/auth/introspection.ts";
import type { ClientAddresses } from "./client-address.ts";
import { typable } from "./ids.ts";
import { audienceOf, isScopeOf, wordsOf, type Resources } from "./resources.ts";
import type { Grants } from "./store/contract/grants.ts";

/** A login that is under way. */
export interface Login {
  /** Its place in the address: `/login/<uid>`. */
  readonly uid: string;
  /** Its id in the log; the grant gets the same. */
  readonly flow: string;
  /** What oidc-provider asks for next: `login` until somebody has logged in, then `consent`. */
  readonly step: "login" | "consent";
  readonly client: LoginClient;
  /** Where the user is sent in the end. Its host is shown. */
  readonly redirectUri: string;
  readonly service: string;
  /** The URL of the service. */
  readonly resource: string;
  /** The scopes of the service that the client asks for: its name for all tools, or patterns. */
  readonly scopes: readonly string[];
  /** The id of the user who is logged in in this browser. */
  readonly account: string | undefined;
}

/** The client, as it describes itself. */
export interface LoginClient {
  readonly id: string;
  readonly name: string | undefined;
  readonly uri: string | undefined;
  /** Whether its id is the URL of its metadata document, whose host nobody else can claim. */
  readonly hasDocument: boolean;
  /** All that it has registered. */
  readonly redirectUris: readonly string[];
}

/** How a user leaves the pages. */
export interface Outcome {
  /** The id of the user who has logged in. */
  readonly account: string;
  /** How: `pwd`, `otp`, `fed`. */
  readonly methods?: readonly string[];
  /** The scopes of the service that the user allows. @default - not asked yet: `consent` is the next step */
  readonly scopes?: readonly string[];
}

/** Reads logins and ends them. */
export class Logins {
  readonly #provider: Provider;
  readonly #resources: Resources;
  readonly #grants: Grants;
  readonly #addresses: ClientAddresses;

  constructor(provider: Provider, resources: Resources, grants: Grants, addresses: ClientAddresses) {
    this.#addresses = addresses;
    this.#provider = provider;
    this.#resources = resources;
    this.#grants = grants;
  }

  /** The login that a request of the user's browser belongs to. @throws SessionNotFound when it is over or somebody else's */
  async of(req: IncomingMessage, res: ServerResponse): Promise<Login> {
    const interaction = await this.#provider.interactionDetails(req, res);
    const client = await this.#provider.Client.find(String(interaction.params["client_id"]));
    const resource = this.#resources.at(String(interaction.params["resource"]));
    if (!client || !resource) throw new Error("the client or the service of this login is gone");
    const { service } = resource;
    return {
      uid: interaction.uid,
      flow: flowOf(interaction),
      step: interaction.prompt.name === "login" ? "login" : "consent",
      client: {
        id: client.clientId,
        name: client.clientName,
        uri: client.clientUri,
        hasDocument: client.clientIdMetadataDocument === true,
        redirectUris: client.redirectUris ?? [],
      },
      redirectUri: String(interaction.params["redirect_uri"]),
      service,
      resource: audienceOf(resource),
      scopes: scopesOf(interaction).filter((scope) => isScopeOf(service, scope)),
      account: interaction.session?.accountId,
    };
  }

  /**
   * Sends the browser on: to the next step, or, with scopes, back to the client.
   * @throws SessionNotFound as above
   */
  async finish(req: IncomingMessage, res: ServerResponse, { account, methods, scopes }: Outcome): Promise<void> {
    const login = await this.of(req, res);
    const result: InteractionResults = { login: { accountId: account, ...(methods && { amr: [...methods] }) } };
    if (scopes !== undefined)
      result.consent = { grantId: await this.#grant(login, account, scopes, this.#addresses.of(req)) };
    await this.#provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  }

  /** Sends the browser back to the client, which is told `access_denied`. */
  async refuse(req: IncomingMessage, res: ServerResponse, reason: string): Promise<void> {
    const result = { error: "access_denied", error_description: reason };
    await this.#provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }

  /** A grant for this login alone, named as its flow. */
  async #grant(login: Login, account: string, allowed: readonly string[], address: string): Promise<string> {
    const { flow, client, redirectUri, resource } = login;
    const scopes = login.scopes.filter((scope) => allowed.includes(scope));
    const grant = new this.#provider.Grant({ accountId: account, clientId: client.id });
    grant.jti = flow;
    grant.addOIDCScope(OFFLINE_ACCESS);
    grant.addResourceScope(resource, scopes.join(" "));
    const of = { client: client.id, clientName: client.name, redirectUri, resource, address };
    // First, so that whoever ends all grants of a user at this moment ends this one.
    await this.#grants.add({ id: flow, account, ...of, scope: scopes.join(" ") });
    await grant.save();
    return flow;
  }
}

/** What all steps of a login have in common. */
export const flowOf = (interaction: Interaction): string =>
  typable((interaction as Interaction & { readonly cid: string }).cid ?? interaction.uid);

const scopesOf = ({ params }: Interaction): string[] => wordsOf(params["scope"]);
