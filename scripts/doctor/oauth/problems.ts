/** Everything that the doctor finds wrong with a login: what it says, for whom it fails, and what mends it. */
import type { OAuthClient } from "./profiles/profile.ts";

/** What is known of a problem. `{words}` in its text are filled in where it is found. */
interface Problem {
  readonly text: string;
  readonly remedy: string;
  /** Whether a client cannot log in, or stay logged in, because of it; for the others it is a warning. @default - every client */
  readonly fails?: (client: OAuthClient) => boolean;
}

const nobody = () => false;
const isLoopback = ({ isHosted }: OAuthClient) => !isHosted;

export const problems = {
  "no-reply": {
    text: "{url} does not answer: {reason}",
    remedy: "Look whether it runs, and whether its name, its certificate and the proxies on the way are right.",
  },
  anonymous: {
    text: "the service answers without a token (200), so no client ever logs in",
    remedy: 'Set "auth": "oauth" in the entry of the service, and deploy or start again.',
  },
  blocked: {
    text: "a request with the user agent {agent} gets {status} before it has reached the service",
    remedy:
      "Let clients of MCP through where bots are blocked: in Cloudflare, AI Crawl Control, Block AI bots and Bot Fight Mode; in a firewall, 160.79.104.0/21 for Claude.",
  },
  redirected: {
    text: "the service redirects to {to}: a client that follows loses its token on the way",
    remedy: "Enter the URL that does not redirect, character by character.",
  },
  "not-401": {
    text: "a request without a token gets {status}, expected 401",
    remedy: "Look into the log of the service, and at what stands in front of it.",
  },
  "challenge-missing": {
    text: "the 401 names no resource_metadata in WWW-Authenticate",
    remedy: "Let the header WWW-Authenticate through on the way, and let nothing else answer with 401.",
    fails: nobody,
  },
  "challenge-relative": {
    text: "resource_metadata in WWW-Authenticate is {got}, expected an absolute URL: clients ignore it",
    remedy: "Set PUBLIC_URL to the whole URL of the service.",
    fails: ({ comparesResource }) => comparesResource === "exact",
  },
  "resource-metadata": {
    text: "no resource metadata: {where}",
    remedy: "Let /.well-known/oauth-protected-resource through to the service, also with the service's path behind it.",
  },
  "resource-metadata-form": {
    text: "{url} has no resource metadata or another one: {status}",
    remedy: "Answer both well-known paths with the same document.",
    fails: nobody,
  },
  "resource-mismatch": {
    text: "the resource metadata says resource {got}, expected {expected}, as it is entered",
    remedy: "Set PUBLIC_URL to the URL that people enter, with its path and without a slash at its end.",
  },
  "authorization-servers": {
    text: "the resource metadata names {count} authorization servers: {note}",
    remedy: "Name exactly one: clients try only the first.",
    fails: nobody,
  },
  "server-metadata": {
    text: "no metadata of the authorization server {issuer}: {where}",
    remedy: "Serve RFC 8414 at /.well-known/oauth-authorization-server, with JSON.",
  },
  "issuer-mismatch": {
    text: "the authorization server calls itself {got}, expected {expected}",
    remedy: "Set ISSUER, and AUTH_ISSUER of the services, to the same URL.",
  },
  "server-metadata-member": {
    text: "the metadata of the authorization server lacks {member}",
    remedy: "Complete it: RFC 8414, section 2.",
  },
  "no-pkce": {
    text: "the metadata does not list S256 in code_challenge_methods_supported",
    remedy: "Support PKCE with S256, and say so.",
  },
  "not-https": {
    text: "{member} is {got}, expected https: it is behind a proxy whose headers are not trusted",
    remedy: "Set TRUSTED_PROXIES of the authorization server to the addresses of the proxy.",
  },
  "no-offline-access": {
    text: "scopes_supported of the authorization server lacks offline_access: no refresh token is asked for",
    remedy: "List offline_access, or give refresh tokens to every client.",
    fails: ({ asksOfflineAccess }) => asksOfflineAccess,
  },
  "no-iss": {
    text: "the authorization server does not say that it returns iss, so that {client} uses a document and a redirect of each connector",
    remedy: "Support RFC 9207 and say authorization_response_iss_parameter_supported: true.",
    fails: nobody,
  },
  "oidc-incomplete": {
    text: "{url} is half an OpenID document: it lacks {members}",
    remedy: "Serve a complete one, or none (404): RFC 8414 is enough.",
    fails: ({ needsCompleteOidc = false }) => needsCompleteOidc,
  },
  "metadata-path": {
    text: "{url} answers {status}, expected the same document as without the path",
    remedy: "Answer the forms with a path, too: some clients ask there first.",
    fails: ({ probesServicePath = false }) => probesServicePath,
  },
  "no-registration": {
    text: "there is no way to register: neither client ID metadata documents nor a registration_endpoint",
    remedy:
      "Enable client ID metadata documents with public clients (none), and dynamic registration for older clients.",
  },
  "registration-refused": {
    text: "the registration gets {status}: {reason}",
    remedy: "Accept public clients with the redirects of this client, including private schemes and loopback.",
  },
  "registration-limited": {
    text: "the registration gets 429: all users of {client} come from the same addresses",
    remedy: "Limit by client and in all, and not by address.",
  },
  "registration-secret": {
    text: "the registration gave a public client the method {method}",
    remedy: "Register what asks for token_endpoint_auth_method none as that.",
  },
  "registration-repeated": {
    text: "the same registration made two clients: the table grows with each connection",
    remedy: "Answer an identical registration with the client that is there, or let clients expire.",
    fails: nobody,
  },
  "redirect-refused": {
    text: "the redirect {redirect} is refused: {reason}",
    remedy:
      "Ignore the port of loopback redirects at authorize, consent and token, and accept what is in the client's document.",
  },
  "client-unknown": {
    text: "the authorization server knows nothing of {client_id}, though it says that it reads such documents: {reason}",
    remedy: "Let it reach the document (443 outwards, IPv4 and IPv6), and look into its log for what came instead.",
  },
  "client-document-refused": {
    text: "the authorization server refuses what {client_id} says: {reason}",
    remedy: "Take the methods that it supports from what the document offers (token_endpoint_auth_methods_supported).",
  },
  "resource-refused": {
    text: "the authorization server refuses the resource {resource}: {reason}",
    remedy: "Give the authorization server the services with the URLs that people enter (RESOURCES_FILE).",
  },
  "scope-refused": {
    text: 'the authorization server refuses the scope "{scope}": {reason}',
    remedy: "Accept every scope that the metadata lists.",
  },
  "authorize-refused": {
    text: "the authorization request gets {status}: {reason}",
    remedy: "Look into the log of the authorization server.",
  },
  "token-media-type": {
    text: "a token request with two media types gets {status}, expected 400",
    remedy: "Compare the whole media type.",
    fails: nobody,
  },
  "token-endpoint": {
    text: "a token request with a wrong code gets {status} {reason}, expected 400 invalid_grant",
    remedy: "Answer with an error of RFC 6749, section 5.2; public clients (none) are no reason for invalid_client.",
  },
  login: {
    text: "the login came back with {reason}",
    remedy: "Look into the log of the authorization server: every refusal has its reason there.",
  },
  "iss-missing": {
    text: "the response has iss {got}, expected {expected} (RFC 9207)",
    remedy: "Return iss with every response, errors too.",
  },
  "code-burnt": {
    text: "a token request with a wrong resource has used up the code",
    remedy: "Check the resource before the code is consumed.",
    fails: nobody,
  },
  "token-refused": {
    text: "the code is refused: {reason}",
    remedy: "Look into the log of the authorization server.",
  },
  "no-refresh-token": {
    text: "no refresh token: the login ends with the access token",
    remedy: "Give one to every client that may use the grant refresh_token.",
  },
  "token-short": {
    text: "an access token is valid for {seconds} s: connections expire again and again",
    remedy: "Make it a day: a revocation takes effect at once all the same.",
    fails: nobody,
  },
  verification: {
    text: "{method} with the new token gets {status}: {reason}",
    remedy: "The token's audience must be the URL of the service; look into the service's log.",
  },
  "verification-blocked": {
    text: "{method} with the new token and the user agent {agent} gets {status}: something blocks it on the way",
    remedy:
      "Let clients of MCP through where bots are blocked (Cloudflare: AI Crawl Control, Block AI bots), and allow the host and origin.",
  },
  "refresh-race": {
    text: "two refreshes at once: {got}, expected two tokens",
    remedy: "Let the token before the last be used again for two minutes.",
    fails: ({ refreshesInParallel }) => refreshesInParallel,
  },
  "refresh-grace": {
    text: "a refresh token that was just replaced is refused: {reason}",
    remedy: "Let the token before the last be used again for two minutes.",
    fails: ({ refreshesInParallel }) => refreshesInParallel,
  },
  "grants-shared": {
    text: "a second login of the same client ended the first one",
    remedy: "Keep grants by user, client and login, and not one for each client.",
    fails: ({ document }) => document !== undefined,
  },
  "consent-hides-redirect": {
    text: "the page that asked for consent did not name the client's host and where it leads to",
    remedy: "Show both hosts: anybody can use the client_id of a client on the user's machine.",
    fails: isLoopback,
  },
  "no-revocation": {
    text: "a revocation gets {status}, expected 200",
    remedy: "Serve RFC 7009 and name the revocation_endpoint.",
    fails: nobody,
  },
  "revocation-late": {
    text: "the access token still opens the service two seconds after its revocation",
    remedy: "Check tokens with each request, or end them with the revocation.",
    fails: nobody,
  },
} as const satisfies Record<string, Problem>;

export type ProblemName = keyof typeof problems;
