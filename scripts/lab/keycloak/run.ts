/** What a gateway makes of a real Keycloak's tokens, step by step. */
import { gatewayMain, GatewayProcess } from "../../kit/gateway-process.ts";
import { freePort } from "../../kit/ports.ts";
import { waitUntil } from "../../kit/wait.ts";
import { initializeParams } from "../../kit/mcp/messages.ts";
import { ADA, Keycloak } from "./keycloak.ts";
import { logIn } from "./log-in.ts";

/** One step, and what is wrong; undefined = nothing. */
export interface Step {
  readonly what: string;
  readonly fault?: string | undefined;
}

/** Milliseconds after which a new key is known: an issuer is asked for its keys at most every 30 s. */
const KEY_TIME = 45_000;

/** Runs everything. @param server the command of the server behind the gateway @throws Error when one of the two does not start */
export async function runSteps(home: string, server: string, told: (step: Step) => void): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const keycloak = await Keycloak.start(home, await freePort(), url);
  const lines: string[] = [];
  const env = { PATH: process.env["PATH"], AUTH: "oauth", AUTH_ISSUER: keycloak.issuer, PUBLIC_URL: url };
  const own = { SERVER_COMMAND: server, SERVICE_NAME: "lab", PORT: String(port) };
  const gateway = new GatewayProcess([gatewayMain()], {
    env: { ...env, ...own },
    onOutput: (line) => lines.push(line),
    onLine: (line) => lines.push(line),
  });
  try {
    if (!(await gateway.whenReady(async () => (await statusOf(`${url.slice(0, -4)}/ready`)) === 200, 60_000)))
      throw new Error(gateway.lastLines.join("\n"));
    const says = (what: string, isRight: boolean, got: unknown) =>
      told({ what, fault: isRight ? undefined : `got ${JSON.stringify(got)}` });
    await metadata(url, keycloak, says);
    await tokens(url, keycloak, says);
    says("the audit has the user's verified address", lines.join("").includes(ADA.email), lines.slice(-3));
    await rotation(url, keycloak, says);
  } finally {
    await gateway.stop(10_000);
    await keycloak.stop();
  }
}

type Says = (what: string, isRight: boolean, got: unknown) => void;

async function metadata(url: string, { issuer }: Keycloak, says: Says): Promise<void> {
  const place = `${url.slice(0, -4)}/.well-known/oauth-protected-resource/mcp`;
  const document = (await (await fetch(place)).json()) as Record<string, unknown>;
  const { resource, authorization_servers: servers } = document;
  says("the metadata names the realm", resource === url && String(servers) === issuer, document);
  says("no token is refused", (await opened(url)) === 401, undefined);
}

async function tokens(url: string, keycloak: Keycloak, says: Says): Promise<void> {
  const ours = await logIn(keycloak.issuer, "mcp-client");
  const others = await logIn(keycloak.issuer, "other-client");
  const refused = {
    "an access token for something else": others["access_token"]!,
    "an ID token": ours["id_token"]!,
    "a refresh token": ours["refresh_token"]!,
    "a token of another realm": await keycloak.foreignToken(),
    "a token whose signature is wrong": `${ours["access_token"]!.slice(0, -8)}AAAAAAAA`,
  };
  const status = await opened(url, ours["access_token"]);
  says("an access token for the service opens it", status === 200, status);
  for (const [what, token] of Object.entries(refused)) {
    const got = await opened(url, token);
    says(`${what} is refused`, got === 401, got);
  }
}

async function rotation(url: string, keycloak: Keycloak, says: Says): Promise<void> {
  const before = (await logIn(keycloak.issuer, "mcp-client"))["access_token"]!;
  await keycloak.rotate();
  const after = (await logIn(keycloak.issuer, "mcp-client"))["access_token"]!;
  says("the realm signs with another key", keyOf(before) !== keyOf(after), keyOf(after));
  const isKnown = await waitUntil(async () => (await opened(url, after)) === 200, KEY_TIME);
  says("a token of the new key is accepted", isKnown, undefined);
  says("a token of the old key still is", (await opened(url, before)) === 200, undefined);
}

const keyOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split(".", 1)[0]!, "base64url").toString()) as { kid: string }).kid;

/** The status of `initialize` with a token. */
async function opened(url: string, token?: string): Promise<number> {
  const params = initializeParams({ name: "keycloak", version: "1" });
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function statusOf(url: string): Promise<number | undefined> {
  const response = await fetch(url).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status;
}
