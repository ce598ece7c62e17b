/** The names of variables that stand in no other table. */

/** What Terraform's providers and its state in a bucket read from the environment only. */
export const providerVariables = [
  "CLOUDFLARE_API_TOKEN",
  "DIGITALOCEAN_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
] as const;

/** Variables that other programs read, too, and only from the environment: cdktf TERRAFORM_BINARY_NAME, Docker DOCKER_HOST. */
export const environmentOnly = ["TERRAFORM_BINARY_NAME", "DOCKER_HOST"] as const;

/** The secret of our authorization server at another provider, with which people log in. */
export const UPSTREAM_SECRET = "UPSTREAM_CLIENT_SECRET";

/** What our authorization server is told of that provider, besides the secret. */
export const upstreamVariables = ["UPSTREAM_ISSUER", "UPSTREAM_CLIENT_ID", "UPSTREAM_ALLOW"] as const;

/** All that is said of logins to our authorization server, besides the secret. */
export const loginVariables = [...upstreamVariables, "LOCAL_ACCOUNTS"] as const;

/** The Redis in which our authorization server keeps everything in a deployment, instead of in its volume. */
export const AUTH_STATE_URL = "AUTH_STATE_URL";

/** The password of that Redis. */
export const AUTH_STATE_PASSWORD = "AUTH_STATE_PASSWORD";

/** The same for `npm start`, where it is what the program itself reads. */
export const stateVariables = ["STATE_URL", "STATE_PREFIX"] as const;
export const STATE_PASSWORD = "STATE_PASSWORD";

/** Where people are told of what was done: the webhook of a chat, a secret. */
export const NOTIFY_URL = "NOTIFY_URL";

/** Settings of the project and of a deployment that are not checked for their form alone (preflight/edge-values.ts). */
export const ownVariables = [
  "SERVICES",
  "HUB_PORT",
  "HUB_KEY_PORT",
  "AUTH_PORT",
  ...loginVariables,
  UPSTREAM_SECRET,
  AUTH_STATE_URL,
  AUTH_STATE_PASSWORD,
  ...stateVariables,
  STATE_PASSWORD,
  "VOLUME_SIZE",
  "EXPOSURE",
  "ADOPT",
  "SSL_MODE",
  "EDGE_RATE_LIMIT",
  "PROXY_RATE_LIMIT",
  "ACME_CHALLENGE",
  "STATE_BUCKET",
  "STATE_ENDPOINT",
  "STATE_REGION",
  NOTIFY_URL,
  "CI",
] as const;

/** How a synth says that nothing can be deployed under a domain. */
export const WITHOUT_DOMAIN = "DOMAIN is not set, so there is only the stack local";

/** The variable that moves a service's port on this machine: PORT_MEMORY, PORT_MY_SERVER. */
export const portVariable = (service: string): string => `PORT_${service.toUpperCase().replaceAll("-", "_")}`;

/** The variable that moves its port for tokens, where it has logins, too: PORT_MEMORY_KEY. */
export const keyPortVariable = (service: string): string => portVariable(`${service}-key`);
