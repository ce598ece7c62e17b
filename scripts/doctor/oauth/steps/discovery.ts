/** The way from the URL of a service to the metadata of its authorization server. */
import { initializeParams } from "../../../kit/mcp/messages.ts";
import type { Reply } from "../ask.ts";
import type { Replay } from "../outcome.ts";

/** The document of an authorization server. */
export type Metadata = Readonly<Record<string, unknown>>;

/** What a client has found out before it registers. */
export interface Discovered {
  /** As the metadata of the service writes it. */
  readonly resource: string;
  readonly issuer: string;
  readonly metadata: Metadata;
  /** What it asks for. */
  readonly scope: string;
  /** Whether its user is to be asked for consent, whatever was agreed to before. */
  readonly promptsConsent: boolean;
}

/** From the first request to the authorization server's metadata. @throws Stop */
export async function discover(replay: Replay, url: string): Promise<Discovered> {
  replay.enter("401");
  const challenge = await askWithoutToken(replay, url);
  replay.enter("resource");
  const document = await resourceMetadata(replay, url, challenge["resource_metadata"]);
  const issuer = onlyServer(replay, document);
  replay.enter("server");
  const metadata = await serverMetadata(replay, issuer);
  checkMetadata(replay, issuer, metadata);
  await checkOidc(replay, issuer, metadata);
  await checkServicePath(replay, { url, issuer, metadata });
  const scope = scopeFor(replay, { challenged: challenge["scope"], document, metadata });
  const promptsConsent = (replay.client.promptsConsent ?? true) && scope.split(" ").includes("offline_access");
  return { resource: String(document["resource"]), issuer, metadata, scope, promptsConsent };
}

/** The first message of every client. */
export const initialize = (name: string) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: initializeParams({ name, version: "1.0.0" }),
});

export const accepts = { accept: "application/json, text/event-stream" };

/** @returns the parameters of the challenge */
async function askWithoutToken(replay: Replay, url: string): Promise<Readonly<Record<string, string>>> {
  const reply = await replay.ask(url, { method: "POST", headers: accepts, body: initialize(replay.client.name) });
  const { status, headers } = reply;
  if (status === 200) replay.fail("anonymous");
  if (status === 403) replay.fail("blocked", { agent: replay.client.userAgent ?? "of Node", status });
  if (status >= 300 && status < 400) replay.fail("redirected", { to: headers.get("location") });
  if (status !== 401) replay.fail("not-401", { status });
  const challenge = parametersIn(headers.get("www-authenticate") ?? "");
  const got = challenge["resource_metadata"];
  if (got === undefined) replay.note("challenge-missing");
  else if (!/^https?:\/\//.test(got)) replay.note("challenge-relative", { got });
  return challenge;
}

/** The parameters of a Bearer challenge (RFC 9110, section 11.6.1). */
export function parametersIn(header: string): Readonly<Record<string, string>> {
  if (!/^bearer\b/i.test(header)) return {};
  const found = header.matchAll(/([a-z_]+)=(?:"([^"]*)"|([^\s,]+))/gi);
  return Object.fromEntries([...found].map(([, name, quoted, bare]) => [name, quoted ?? bare]));
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The document that this client takes: what the header names, else with the path, else at the root. */
async function resourceMetadata(replay: Replay, url: string, named: string | undefined): Promise<Metadata> {
  const { origin, pathname } = new URL(url);
  const forms = [`${origin}${WELL_KNOWN}${pathname}`, `${origin}${WELL_KNOWN}`];
  const absolute = named !== undefined && /^https?:\/\//.test(named) ? [named] : [];
  const found = new Map<string, Reply>();
  for (const form of new Set([...absolute, ...forms])) found.set(form, await replay.ask(form, asJson));
  const [taken] = [...found.values()].filter(isDocument);
  if (!taken) return replay.fail("resource-metadata", { where: whatCame(found) });
  for (const [form, reply] of found)
    if (JSON.stringify(reply.json) !== JSON.stringify(taken.json))
      replay.note("resource-metadata-form", { url: form, status: reply.status });
  compareResource(replay, taken.json!["resource"], url);
  return taken.json!;
}

const asJson = { headers: { accept: "application/json" } };

const isDocument = ({ status, json }: Reply) => status === 200 && json !== undefined;

const whatCame = (found: ReadonlyMap<string, Reply>) =>
  [...found]
    .map(([form, { status, json }]) => `${form} ${status}${status === 200 && !json ? ", no JSON" : ""}`)
    .join("; ");

function compareResource(replay: Replay, got: unknown, expected: string): void {
  if (got === expected) return;
  const words = { got: typeof got === "string" ? got : JSON.stringify(got), expected };
  if (typeof got !== "string" || !URL.canParse(got)) return replay.fail("resource-mismatch", words);
  const { comparesResource } = replay.client;
  const isSame = new URL(got).href === new URL(expected).href;
  const isTaken = comparesResource === "normalized" ? isSame : comparesResource === "prefix" && isPrefix(got, expected);
  replay.note("resource-mismatch", words, isTaken ? "warning" : "failed");
}

const slashed = (path: string) => (path.endsWith("/") ? path : `${path}/`);

/** The SDK's rule: the same origin, and a path that the other one begins with. */
function isPrefix(got: string, url: string): boolean {
  const [a, b] = [new URL(got), new URL(url)];
  return a.origin === b.origin && slashed(b.pathname).startsWith(slashed(a.pathname));
}

function onlyServer(replay: Replay, document: Metadata): string {
  const listed = document["authorization_servers"];
  const servers = (Array.isArray(listed) ? listed : []).filter((one): one is string => typeof one === "string");
  const [first] = servers;
  if (first === undefined || !URL.canParse(first))
    return replay.fail("authorization-servers", { count: servers.length, note: "there is nowhere to log in" });
  if (servers.length > 1)
    replay.note("authorization-servers", { count: servers.length, note: `only ${first} is tried` });
  return first;
}

/** RFC 8414, then OpenID Connect Discovery, as the specification orders them. */
async function serverMetadata(replay: Replay, issuer: string): Promise<Metadata> {
  const found = new Map<string, Reply>();
  for (const form of formsOf(issuer)) {
    const reply = await replay.ask(form, asJson);
    if (isDocument(reply)) return reply.json!;
    found.set(form, reply);
  }
  return replay.fail("server-metadata", { issuer, where: whatCame(found) });
}

/** MCP 2025-11-25, Authorization, "Authorization Server Metadata Discovery". */
function formsOf(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const oauth = `${origin}/.well-known/oauth-authorization-server${path}`;
  const inserted = `${origin}/.well-known/openid-configuration${path}`;
  return [...new Set([oauth, inserted, oidcOf(issuer)])];
}

const oidcOf = (issuer: string) => `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;

const endpoints = ["authorization_endpoint", "token_endpoint"] as const;

function checkMetadata(replay: Replay, issuer: string, metadata: Metadata): void {
  if (metadata["issuer"] !== issuer)
    replay.note("issuer-mismatch", { got: text(metadata["issuer"]), expected: issuer });
  for (const member of endpoints)
    if (!URL.canParse(text(metadata[member]))) replay.fail("server-metadata-member", { member });
  for (const member of [...endpoints, "registration_endpoint", "revocation_endpoint"])
    if (issuer.startsWith("https:") && text(metadata[member]).startsWith("http:"))
      replay.note("not-https", { member, got: text(metadata[member]) });
  if (!lists(metadata, "response_types_supported", "code"))
    replay.note("server-metadata-member", { member: "response_types_supported with code" });
  if (!lists(metadata, "code_challenge_methods_supported", "S256")) replay.note("no-pkce");
  if (!lists(metadata, "scopes_supported", "offline_access")) replay.note("no-offline-access");
  if (replay.client.document?.needsIss && metadata["authorization_response_iss_parameter_supported"] !== true)
    replay.note("no-iss", { client: replay.client.title });
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

export const lists = (metadata: Metadata, member: string, value: string): boolean =>
  Array.isArray(metadata[member]) && metadata[member].includes(value);

/** OpenID Connect Discovery 1.0, section 3: what a document must say besides what RFC 8414 asks for. */
const oidcMembers = ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported", "issuer"];

async function checkOidc(replay: Replay, issuer: string, metadata: Metadata): Promise<void> {
  const url = oidcOf(issuer);
  const reply = await replay.ask(url, asJson);
  if (reply.status !== 200) return;
  const missing = [...oidcMembers, ...endpoints].filter((member) => reply.json?.[member] === undefined);
  if (missing.length > 0) replay.note("oidc-incomplete", { url, members: missing.join(", ") });
  else if (reply.json!["issuer"] !== metadata["issuer"])
    replay.note("issuer-mismatch", { got: text(reply.json!["issuer"]), expected: issuer });
}

/** Some clients take the path of the service for that of the issuer. */
async function checkServicePath(
  replay: Replay,
  { url, issuer, metadata }: { readonly url: string; readonly issuer: string; readonly metadata: Metadata },
): Promise<void> {
  const [{ origin }, { pathname }] = [new URL(issuer), new URL(url)];
  const form = `${origin}/.well-known/oauth-authorization-server${pathname}`;
  const { status, json } = await replay.ask(form, asJson);
  if (status !== 200 || JSON.stringify(json) !== JSON.stringify(metadata))
    replay.note("metadata-path", { url: form, status: status === 200 ? "another document" : status });
}

interface Scopes {
  readonly challenged: string | undefined;
  readonly document: Metadata;
  readonly metadata: Metadata;
}

/** The challenge's scope, else all of the service's. */
function scopeFor(replay: Replay, { challenged, document, metadata }: Scopes): string {
  const listed = Array.isArray(document["scopes_supported"]) ? document["scopes_supported"] : [];
  const scopes = challenged?.split(" ") ?? listed.map(String);
  const offline = replay.client.asksOfflineAccess && lists(metadata, "scopes_supported", "offline_access");
  return [...new Set([...scopes, ...(offline ? ["offline_access"] : [])])].filter(Boolean).join(" ");
}
