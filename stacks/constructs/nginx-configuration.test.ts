import { expect, test } from "vitest";
import { httpConf, hostPortConf, locationConf, privateNetworks, startingConf } from "./nginx-configuration.ts";

const streaming = [
  "client_max_body_size 0;",
  "proxy_buffering off;",
  "proxy_request_buffering off;",
  "proxy_cache off;",
  "gzip off;",
  "proxy_connect_timeout 2s;",
  "proxy_read_timeout 24h;",
  "proxy_send_timeout 24h;",
];

/** Where nginx may write in a container that is read-only. */
const inMemory = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
  (name) => `${name}_temp_path /tmp/${name.replace("client_", "")};`,
);

/** The lines of a file that ends with a line break. */
const linesOf = (text: string): string[] => {
  expect(text).toMatch(/\n$/);
  return text.slice(0, -1).split("\n");
};

/** The lines directly inside a block, without their indentation, and without what is in the blocks in there. */
function blockOf(text: string, opening: string): string[] {
  const lines = linesOf(text);
  const start = lines.findIndex((line) => line.trim() === `${opening} {`);
  const indentation = /^ */.exec(lines[start] ?? "")![0];
  const end = lines.indexOf(`${indentation}}`, start);
  return lines
    .slice(start + 1, end)
    .flatMap((line) => (/^ */.exec(line)![0].length === indentation.length + 2 ? [line.trim()] : []));
}

test("a location streams, waits for an hour and gives up a connect after 2 s", () => {
  expect(linesOf(locationConf())).toEqual(streaming);
});

test("a location with a limit answers 429 beyond it", () => {
  expect(linesOf(locationConf({ rate: 10, burst: 20 }))).toEqual([
    ...streaming,
    "limit_req zone=gangway burst=20 nodelay;",
    "limit_req_status 429;",
  ]);
});

test("the client's address is believed from trusted networks only, and is what a limit counts", () => {
  const client = ["real_ip_header CF-Connecting-IP;", "proxy_set_header CF-Connecting-IP $remote_addr;"];
  expect(linesOf(httpConf(["192.0.2.0/24"]))).toEqual([...inMemory, "set_real_ip_from 192.0.2.0/24;", ...client]);
  expect(linesOf(httpConf(privateNetworks, { rate: 10, burst: 20 }))).toEqual([
    ...inMemory,
    ...privateNetworks.map((range) => `set_real_ip_from ${range};`),
    ...client,
    "limit_req_zone $binary_remote_addr zone=gangway:10m rate=10r/s;",
  ]);
});

test("a limit counts no request to the host that it does not apply to", () => {
  const limit = { rate: 10, burst: 20, exceptHost: "auth.example.org" };
  expect(linesOf(httpConf(privateNetworks, limit)).slice(-2)).toEqual([
    'map $host $gangway_counted { auth.example.org ""; default $binary_remote_addr; }',
    "limit_req_zone $gangway_counted zone=gangway:10m rate=10r/s;",
  ]);
});

test("a page's origin becomes the host's, unless whoever is behind the port knows itself by that", () => {
  const conf = { port: 8080, host: "auth.localhost", proxy: "nginx-proxy" };
  const rewrites = '"~^http://(\\S+) \\1$" http://auth.localhost;';
  expect(hostPortConf(conf)).toContain(rewrites);
  const kept = hostPortConf({ ...conf, keepsOrigin: true });
  expect(kept).not.toContain("http://auth.localhost");
  expect(kept).toContain("default $http_origin;");
});

test("a WebSocket passes, and may be silent for a day", () => {
  const port = blockOf(hostPortConf({ port: 8080, host: "memory.localhost", proxy: "nginx-proxy" }), "location /");
  expect(port).toEqual(
    expect.arrayContaining([
      "proxy_http_version 1.1;",
      "proxy_set_header Upgrade $http_upgrade;",
      "proxy_set_header Connection $connection_on;",
      "proxy_read_timeout 24h;",
      "proxy_send_timeout 24h;",
    ]),
  );
  // nginx-proxy sets the headers of an upgrade for all its hosts: a location with one header of its own would lose them.
  for (const limit of [undefined, { rate: 10, burst: 20 }])
    expect(linesOf(locationConf(limit)).filter((line) => line.includes("proxy_set_header"))).toEqual([]);
});

test("a proxy that is starting answers every host with 503 and when to try again", () => {
  expect(blockOf(startingConf(), "server")).toEqual([
    "listen 80 default_server;",
    "add_header Retry-After 1 always;",
    "return 503;",
  ]);
});

test("a host port passes everything on to the proxy, under the service's name", () => {
  const text = hostPortConf({ port: 8080, host: "memory.localhost", proxy: "nginx-proxy" });
  expect(blockOf(text, "server")).toEqual(["listen 8080;", "location / {", "}"]);
  expect(blockOf(text, "location /")).toEqual([
    "set $proxy nginx-proxy;",
    "proxy_pass http://$proxy:80;",
    "proxy_http_version 1.1;",
    "proxy_set_header Host memory.localhost;",
    "proxy_set_header Origin $origin;",
    "proxy_set_header Connection $connection_on;",
    "proxy_set_header Upgrade $http_upgrade;",
    "proxy_set_header CF-Connecting-IP $remote_addr;",
    ...streaming,
  ]);
});

test("a host port writes to /tmp only, and looks the proxy up again every 5 s", () => {
  const text = hostPortConf({ port: 8080, host: "memory.localhost", proxy: "nginx-proxy" });
  expect(linesOf(text).slice(0, 3)).toEqual(["daemon off;", "pid /tmp/nginx.pid;", "error_log stderr;"]);
  const http = blockOf(text, "http");
  expect(http).toContain("resolver 127.0.0.11 valid=5s ipv6=off;");
  const paths = http.filter((line) => line.includes("_path "));
  expect(paths).toHaveLength(5);
  for (const path of paths) expect(path).toMatch(/^\w+_temp_path \/tmp\/\w+;$/);
});

test("a host port rewrites the origin of the service's own page, and of no other", () => {
  const text = hostPortConf({ port: 8080, host: "memory.localhost", proxy: "nginx-proxy" });
  expect(blockOf(text, 'map "$http_origin $http_host" $origin')).toEqual([
    String.raw`"~^http://(\S+) \1$" http://memory.localhost;`,
    "default $http_origin;",
  ]);
  expect(blockOf(text, "map $http_upgrade $connection_on")).toEqual(["default upgrade;", '"" "";']);
});
