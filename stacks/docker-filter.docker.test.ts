/** The filter in front of a real engine: what passes, what does not, and what a request that is written oddly gets. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { dockerFilterConf } from "./constructs/nginx-configuration.ts";
import { NGINX_PROXY_IMAGE } from "./images/proxy-images.ts";
import { docker } from "./provision/docker.ts";

const FILTER = "test-docker-filter";
const CLIENT = "test-filter-client";
const VICTIM = "test-filter-victim";
const PROXY = "test-filter-proxy";
const VOLUME = "gangway-test-filter";

/** Sends bytes to the filter and prints the answer, until it is complete or two seconds have passed. */
const send = `const socket = require("net").connect("/filtered/filtered.sock");
  let answer = "";
  const end = () => { process.stdout.write(answer); process.exit(); };
  socket.on("data", (chunk) => { answer += chunk; });
  socket.on("close", end);
  socket.on("error", (error) => { answer = String(error); end(); });
  setTimeout(end, 2_000);
  socket.write(process.argv[1]);`;

async function ask(line: string, body?: string, headers = "Host: docker\r\n"): Promise<string> {
  const length = body === undefined ? "" : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const text = `${line} HTTP/1.1\r\n${headers}${length}Connection: close\r\n\r\n${body ?? ""}`;
  return docker(["exec", CLIENT, "node", "-e", send, text]);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

const run = (name: string, ...words: string[]) => docker(["run", "--detach", "--name", name, ...words]);

describe.skipIf(inject("lacking") !== "")("the filter in front of the engine", () => {
  const configuration = dockerFilterConf({
    socket: "/run/filtered/filtered.sock",
    engine: "/var/run/docker.sock",
    reloaded: PROXY,
  });

  beforeAll(async () => {
    await docker(["volume", "create", VOLUME]);
    const started = 'printf %s "$CONFIGURATION" > /tmp/nginx.conf && exec nginx -e stderr -c /tmp/nginx.conf';
    const confined = ["--read-only", "--cap-drop=ALL", "--network=none", "--user=0:0", "--tmpfs=/tmp", "--init"];
    const mounts = ["-v", `${VOLUME}:/run/filtered`, "-v", "/var/run/docker.sock:/var/run/docker.sock:ro"];
    const program = ["-e", `CONFIGURATION=${configuration}`, "--entrypoint", "sh", NGINX_PROXY_IMAGE, "-c", started];
    await run(FILTER, ...confined, "--security-opt=no-new-privileges", ...mounts, ...program);
    await run(CLIENT, "--network=none", "-v", `${VOLUME}:/filtered:ro`, "node:24-slim", "sleep", "600");
    for (const name of [VICTIM, PROXY]) await run(name, "node:24-slim", "sleep", "600");
  });

  afterAll(async () => {
    await docker(["rm", "-f", "-v", FILTER, CLIENT, VICTIM, PROXY]);
    await docker(["volume", "rm", VOLUME]);
  });

  test.each([
    "/_ping",
    "/version",
    "/v1.41/version",
    "/info",
    "/networks",
    "/containers/json",
    "/containers/json?all=1&filters=%7B%22status%22%3A%5B%22running%22%5D%7D",
    `/containers/${VICTIM}/json`,
    `/v1.41/containers/${VICTIM}/json?size=false`,
  ])("passes GET %s", async (path) => {
    expect(statusOf(await ask(`GET ${path}`))).toBe(200);
  });

  const command = JSON.stringify({ Cmd: ["touch", "/tmp/broken-in"], Privileged: true, User: "root" });
  test.each([
    ["POST /containers/create", '{"Image":"node:24-slim"}'],
    ["POST /v1.41/containers/create?name=x", '{"Image":"node:24-slim"}'],
    [`POST /containers/${VICTIM}/exec`, command],
    [`POST /containers/${VICTIM}/kill?signal=SIGKILL`, ""],
    [`POST /containers/${PROXY}/kill?signal=SIGKILL`, ""],
    [`POST /containers/${VICTIM}/restart`, ""],
    [`POST /containers/${VICTIM}/stop`, ""],
    [`POST /containers/${VICTIM}/update`, "{}"],
    [`POST /containers/${VICTIM}/attach?stream=1`, ""],
    [`PUT /containers/${VICTIM}/archive?path=/`, ""],
    [`DELETE /containers/${VICTIM}?force=1`, ""],
    ["POST /build", ""],
    ["POST /images/create?fromImage=x", ""],
    ["POST /volumes/create", "{}"],
    ["POST /networks/create", "{}"],
    ["POST /networks/prune", ""],
    ["POST /session", ""],
    ["POST /grpc", ""],
    ["POST /auth", "{}"],
    ["POST /_ping", ""],
    ["POST /containers/json", ""],
    [`OPTIONS /containers/json`, ""],
    ["CONNECT /containers/json", ""],
  ])("refuses %s", async (line, body) => {
    expect(statusOf(await ask(line, body))).toSatisfy((status) => status === 403 || status === 405);
  });

  test.each([
    "/",
    "/images/json",
    "/volumes",
    "/secrets",
    "/configs",
    "/swarm",
    "/plugins",
    "/system/df",
    "/distribution/x/json",
    "/networks/bridge",
    `/containers/${VICTIM}/archive?path=/etc/passwd`,
    `/containers/${VICTIM}/logs?stdout=1`,
    `/containers/${VICTIM}/export`,
    `/containers/${VICTIM}/top`,
    `/containers/${VICTIM}/stats`,
    `/containers/${VICTIM}/attach/ws`,
    // Written so that one reader sees what is allowed, and another one something else.
    `/containers/${VICTIM}/logs/../json`,
    `/containers/${VICTIM}/json/../logs?stdout=1`,
    `/containers/${VICTIM}%2flogs%3fstdout=1%23/json`,
    `/containers/..%2fimages/json`,
    "/containers/../images/json",
    "/containers/.../json",
    "//containers/json",
    "/containers//json",
    "/./containers/json",
    "/containers/json/",
    "/containers/json;x",
    "/containers/json%00",
    "/containers/json%20",
    "/Containers/json",
    "/CONTAINERS/JSON",
    "/v1/containers/json",
    "/v1.41//images/json",
    "/v1.41/../images/json",
    "/v1.41/v1.41/containers/json",
    "/latest/containers/json",
    "/images/json?/containers/json",
    "/images/json#/containers/json",
    "/containers/json?a=/../images",
    "/containers\\json",
  ])("refuses GET %s", async (path) => {
    const answer = await ask(`GET ${path}`);
    expect(statusOf(answer), answer).toSatisfy((status) => status === 403 || status === 400);
  });

  test("an absolute address is taken for its path", async () => {
    expect(statusOf(await ask("GET http://docker/containers/json"))).toBe(200);
    expect(statusOf(await ask("GET http://docker/images/json"))).toBe(403);
    expect(statusOf(await ask("GET http://docker/containers/json/../../images/json"))).toBe(403);
  });

  test("neither an upgrade nor a second request within a body gets through", async () => {
    const upgrade = "Host: docker\r\nUpgrade: h2c\r\nX-HTTP-Method-Override: POST\r\n";
    expect(statusOf(await ask("GET /version", undefined, upgrade))).toBe(200);
    const second = "POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}";
    const answer = await ask("GET /version", second);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
  });

  test("a reload is always the same command, whatever is asked for", async () => {
    const made = await ask(`POST /containers/${PROXY}/exec`, command);
    expect(statusOf(made), made).toBe(201);
    const id = /"Id":"([0-9a-f]{64})"/.exec(made)![1]!;
    const exec = JSON.parse(
      await docker([
        "exec",
        FILTER,
        "curl",
        "-s",
        "--unix-socket",
        "/var/run/docker.sock",
        `http://docker/exec/${id}/json`,
      ]),
    ) as {
      ProcessConfig: { arguments: string[]; privileged: boolean };
    };
    expect(exec.ProcessConfig.privileged).toBe(false);
    expect(exec.ProcessConfig.arguments.at(-1)).toMatch(/^\/app\/docker-entrypoint\.sh .*nginx -s reload$/);
    const started = await ask(`POST /exec/${id}/start`, '{"Detach":false,"Tty":true}');
    expect(statusOf(started), started).toBe(200);
    expect(started).toContain("/app/docker-entrypoint.sh: not found"); // the stand-in for the proxy has none
  });

  test("events arrive at once", async () => {
    const name = "test-filter-event";
    const began = docker(["exec", CLIENT, "node", "-e", send, "GET /events HTTP/1.1\r\nHost: docker\r\n\r\n"]);
    await new Promise((resolve) => void setTimeout(resolve, 500));
    await docker(["volume", "create", name]);
    await docker(["volume", "rm", name]);
    expect(await began).toContain(name);
  });

  test("what is refused is in its log", async () => {
    expect(await docker(["logs", FILTER])).toContain("POST /containers/create refused");
  });
});
