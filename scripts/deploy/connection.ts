/** What to do when a provider does not get through: its own message is long, and says the reason last. */
import { sshFailure } from "../../stacks/provision/ssh.ts";

/** One line of advice; undefined when the failure has another cause. @param said what Terraform or OpenTofu wrote */
export function connectionAdvice(said: string): string | undefined {
  const text = said.replaceAll(/[│╷╵\s]+/g, " ");
  return dockerAdvice(text) ?? cloudAdvice(text);
}

function dockerAdvice(text: string): string | undefined {
  if (!/pinging Docker server|error during connect|Cannot connect to the Docker daemon/i.test(text)) return undefined;
  const host = /ssh:\/\/[\w.@:-]+/.exec(text)?.[0];
  const reason = /stderr=(.*?)(?= with |$)/.exec(text)?.[1]?.trim();
  if (host === undefined)
    return `Docker does not answer (${endOf(text)}): start it, or point DOCKER_HOST, or \`docker context use\`, at the right engine`;
  switch (sshFailure(reason ?? text)) {
    case "not admitted":
      return `${host} does not admit your SSH key (${reason ?? "permission denied"}): expected the private key of SSH_PUBLIC_KEY in the agent (ssh-add) or in SSH_PRIVATE_KEY_FILE`;
    case "host key changed":
      return `${host} has another host key than before: if you have replaced the droplet, ssh-keygen -R ${hostPattern(host)} -f .gangway/known_hosts, and try again; if not, somebody may be in between`;
    case "not reached":
      return `${host} cannot be reached by SSH (${reason || endOf(text)}): is the droplet on, and does SSH_FROM admit this machine's address?`;
  }
}

/** As ssh writes it in known_hosts. */
function hostPattern(host: string): string {
  const { hostname, port } = new URL(host);
  return port === "" || port === "22" ? hostname : `'[${hostname}]:${port}'`;
}

/** The last clause, where programs in Go have the reason. */
const endOf = (text: string) => text.trim().split(": ").slice(-2).join(": ").slice(-160);

const clouds = [
  {
    refusal: /api\.digitalocean\.com\S*: 40[13]\b|Unable to authenticate you/,
    advice:
      "DigitalOcean refuses DIGITALOCEAN_TOKEN: expected one that may read and write (https://cloud.digitalocean.com/account/api/tokens), in .env or the environment",
  },
  {
    refusal: /Authentication error|Invalid access token|Invalid API Token|Invalid request headers/,
    advice:
      "Cloudflare refuses CLOUDFLARE_API_TOKEN: expected one with the rights Cloudflare Tunnel Edit, DNS Edit and Zone Read (https://dash.cloudflare.com/profile/api-tokens), in .env or the environment",
  },
] as const;

const cloudAdvice = (text: string): string | undefined => clouds.find(({ refusal }) => refusal.test(text))?.advice;
