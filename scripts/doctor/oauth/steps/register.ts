/** How a client becomes known to the authorization server, in the way that this client would choose. */
import type { Registration } from "../profiles/profile.ts";
import type { Replay } from "../outcome.ts";
import { type Discovered, lists } from "./discovery.ts";

/** A client that may ask for authorization. */
export interface Registered {
  readonly clientId: string;
  readonly way: "document" | "registration";
  /** Where it may be sent back to: each address is one that this client really sends. */
  readonly redirects: readonly string[];
}

/** What is new in every replay. */
export interface Fresh {
  /** A port of the user's machine. */
  readonly port: number;
  /** The id that some clients put behind their path. */
  readonly callback: string;
}

/** @throws Stop when this client would not get any further */
export async function register(replay: Replay, { metadata }: Discovered, fresh: Fresh): Promise<Registered> {
  replay.enter("register");
  const { document, redirects } = replay.client;
  if (document && readsDocuments(metadata) && hasIss(metadata, document.needsIss)) {
    replay.say("by its document");
    const sent = document.redirects ?? redirects;
    return { clientId: document.url, way: "document", redirects: sent.map((one) => filledIn(one, fresh)) };
  }
  const endpoint = metadata["registration_endpoint"];
  if (typeof endpoint !== "string" || !URL.canParse(endpoint)) return replay.fail("no-registration");
  replay.say("by registration");
  return registerAt(replay, endpoint, fresh);
}

/** The rule of Claude, ChatGPT and Codex: documents, and public clients. */
const readsDocuments = (metadata: Discovered["metadata"]) =>
  metadata["client_id_metadata_document_supported"] === true &&
  lists(metadata, "token_endpoint_auth_methods_supported", "none");

const hasIss = (metadata: Discovered["metadata"], needsIss = false) =>
  !needsIss || metadata["authorization_response_iss_parameter_supported"] === true;

/** Replaces `{port}` and `{callback}`. */
export const filledIn = (redirect: string, { port, callback }: Fresh): string =>
  redirect.replace("{port}", String(port)).replace("{callback}", callback);

/** Twice with the same metadata, as a client does that is connected twice. */
async function registerAt(replay: Replay, endpoint: string, fresh: Fresh): Promise<Registered> {
  const { registration } = replay.client;
  const redirects = registration.redirect_uris.map((one) => filledIn(one, fresh));
  const body: Registration = { ...registration, redirect_uris: redirects };
  const clientId = await registerOnce(replay, endpoint, body);
  const again = await registerOnce(replay, endpoint, body);
  if (again !== clientId) replay.note("registration-repeated");
  const sent = replay.client.redirects.map((one) => filledIn(one, fresh));
  return { clientId, way: "registration", redirects: sent };
}

async function registerOnce(replay: Replay, endpoint: string, body: Registration): Promise<string> {
  const { status, json, text } = await replay.ask(endpoint, { method: "POST", body });
  if (status === 429) return replay.fail("registration-limited", { client: replay.client.title });
  const clientId = json?.["client_id"];
  if (status < 200 || status > 299 || typeof clientId !== "string")
    return replay.fail("registration-refused", { status, reason: errorIn(json) ?? text });
  const method = json?.["token_endpoint_auth_method"];
  if (typeof method === "string" && method !== "none") replay.note("registration-secret", { method });
  return clientId;
}

/** The error of an answer (RFC 6749, section 5.2), with its description. */
export function errorIn(json: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { error, error_description: description } = json ?? {};
  if (typeof error !== "string") return undefined;
  return typeof description === "string" ? `${error} (${description})` : error;
}
