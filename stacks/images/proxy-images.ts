/** The images of what stands in front of the gateways. */

export const NGINX_PROXY_IMAGE = "nginxproxy/nginx-proxy:1.11.6";

export const ACME_COMPANION_IMAGE = "nginxproxy/acme-companion:2.8.2";

export const CONNECTOR_IMAGE = "cloudflare/cloudflared:2026.10.0";
