/** What nginx is told beyond what nginx-proxy makes of the containers that it finds. */

/** Requests a second for each client address, and how many may come at once. */
export interface RequestLimit {
  readonly rate: number;
  readonly burst: number;
}

/**
 * For every host, in its location (vhost.d/default_location): nothing of a stream is kept back, silence is no reason to hang
 * up, and a body that is too long is the gateway's to refuse, in JSON. A gateway that has just gone has left an address that
 * nobody answers at: it is given up quickly for the one beside it.
 */
export const streaming = (limit?: RequestLimit): string => `client_max_body_size 0;
proxy_buffering off;
proxy_request_buffering off;
proxy_cache off;
gzip off;
proxy_connect_timeout 2s;
proxy_read_timeout 1h;
proxy_send_timeout 1h;
${limit === undefined ? "" : `limit_req zone=gangway burst=${limit.burst} nodelay;\nlimit_req_status 429;\n`}`;

/**
 * For nginx as a whole (conf.d/gangway.conf). What comes from one of the networks `before` it is believed when it names the
 * client; what anybody else sends as CF-Connecting-IP is overwritten before a gateway sees it.
 */
export const general = (
  before: readonly string[],
  limit?: RequestLimit,
): string => `${before.map((range) => `set_real_ip_from ${range};\n`).join("")}real_ip_header CF-Connecting-IP;
proxy_set_header CF-Connecting-IP $remote_addr;
${limit === undefined ? "" : `limit_req_zone $binary_remote_addr zone=gangway:10m rate=${limit.rate}r/s;\n`}`;

/**
 * For conf.d/default.conf, which the generator replaces as soon as it has found the containers. What the image has there would
 * answer until then, with 404: to a client of MCP, its session would be gone.
 */
export const notYet = `server {
  listen 80 default_server;
  add_header Retry-After 1 always;
  return 503;
}
`;

/**
 * All of nginx (nginx.conf), in front of the proxy: what comes to a port is for one host. The proxy is looked for anew every
 * few seconds, because it may be replaced.
 * @param port where it listens, in its container
 * @param host the name that the proxy knows the service by
 * @param proxy the proxy's own name on Docker's network
 */
export const hostPort = (port: number, host: string, proxy: string): string => `daemon off;
pid /tmp/nginx.pid;
error_log stderr;
events {
  worker_connections 4096;
}
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  resolver 127.0.0.11 valid=5s ipv6=off;
  # An upgrade (WebSocket) is passed on, every other connection ends with its request.
  map $http_upgrade $connection_on {
    default upgrade;
    "" "";
  }
  # A page of the service's own stays its own under the other name.
  map "$http_origin $http_host" $origin {
    "~^http://(\\S+) \\1$" http://${host};
    default $http_origin;
  }
  server {
    listen ${port};
    location / {
      set $proxy ${proxy};
      proxy_pass http://$proxy:80;
      proxy_http_version 1.1;
      proxy_set_header Host ${host};
      proxy_set_header Origin $origin;
      proxy_set_header Connection $connection_on;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header CF-Connecting-IP $remote_addr;
      ${streaming().trimEnd().replaceAll("\n", "\n      ")}
    }
  }
}
`;

/** Docker's networks are in these, and so are the connector and what publishes a port of this machine. */
export const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.1"];

/**
 * Where Cloudflare comes from when it stands in front of an address of ours (https://www.cloudflare.com/ips-v4). Without them
 * all of its clients would be one, and share one limit.
 */
export const cloudflareNetworks = [
  "173.245.48.0/20",
  "103.21.244.0/22",
  "103.22.200.0/22",
  "103.31.4.0/22",
  "141.101.64.0/18",
  "108.162.192.0/18",
  "190.93.240.0/20",
  "188.114.96.0/20",
  "197.234.240.0/22",
  "198.41.128.0/17",
  "162.158.0.0/15",
  "104.16.0.0/13",
  "104.24.0.0/14",
  "172.64.0.0/13",
  "131.0.72.0/22",
];
