import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultPorts, whoHolds } from "./ports.ts";
import { Project, sh } from "./start.ts";
import { callTool, openVisit } from "./visitor.ts";

// The commands of two deployment guides (seeds 001 and 002), as printed there. Only the token is the reader's own, and
// requests to a public https address go to this machine.
const token = "7f0c6b1e-5a49-4c38-9d2b-6f1e0a8c3d57";

const healthOfAll = `
for port in 8080 8081 8082 8084; do
  echo "Port $port:"
  curl -s http://127.0.0.1:$port/health | jq .status
done`;

const initialize = (port: number) => `
curl -X POST http://localhost:${port}/mcp \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer ${token}" \\
  -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'`;

const badToken = (port: number) => `
curl -X POST http://localhost:${port}/mcp \\
  -H "Authorization: Bearer invalid" \\
  -H "Content-Type: application/json" \\
  -d '{}'`;

const head = (port: number) => `
curl -I http://localhost:${port}/mcp \\
  -H "Authorization: Bearer ${token}"`;

const health = (port: number) => `curl http://localhost:${port}/health`;
const failingHealth = (port: number) => `curl -f http://localhost:${port}/health`;
const discovery = (port: number) => `curl http://localhost:${port}/.well-known/oauth-authorization-server`;

const services = { coda: 8080, github: 8081, memory: 8082, firecrawl: 8084 };
const taken = await whoHolds(defaultPorts);
if (taken !== undefined) console.warn(`seeds: skipped, ${taken}`);

describe.skipIf(taken !== undefined)("the seeds' commands, with npm start as it comes and a token in .env", () => {
  let project: Project;

  beforeAll(async () => {
    project = new Project({});
    project.write(".env", `MCP_BEARER_TOKEN=${token}\n`);
    await project.start();
  });
  afterAll(() => project?.remove());

  /** What curl prints, and the status, which it does not print by itself. */
  const curl = async (command: string) => {
    project.write(".curlrc", 'write-out = "\\n%{http_code}"');
    const { stdout } = await sh(command, { CURL_HOME: project.path() });
    const [, body = "", status] = /^(.*)\n(\d+)$/s.exec(stdout) ?? [];
    return { status: Number(status), body };
  };
  const curlJson = async (command: string) => {
    const { status, body } = await curl(command);
    return { status, json: JSON.parse(body) as unknown };
  };

  test("the loop over all ports reports that all are ok", async () => {
    const { stdout } = await sh((await hasJq()) ? healthOfAll : `${jqInNode}\n${healthOfAll}`);
    expect(stdout).toBe('Port 8080:\n"ok"\nPort 8081:\n"ok"\nPort 8082:\n"ok"\nPort 8084:\n"ok"\n');
  });

  test.each(Object.entries(services))("the health of %s has its four fields and needs no token", async (name, port) => {
    const { status, json } = await curlJson(health(port));
    expect(status).toBe(200);
    expect(json).toEqual({
      status: "ok",
      service: `${name}-mcp`,
      version: expect.stringMatching(/^v?\d+\.\d+/),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect((await sh(failingHealth(port))).code).toBe(0);
  });

  test.each([8082, 8084])("initialize with empty params and no Accept is served on %i", async (port) => {
    expect(await curlJson(initialize(port))).toMatchObject({
      status: 200,
      json: { jsonrpc: "2.0", id: 1, result: { protocolVersion: expect.any(String), serverInfo: {} } },
    });
  });

  test.each([
    [8080, "CODA_API_TOKEN"],
    [8081, "GITHUB_PERSONAL_ACCESS_TOKEN"],
  ])("initialize on %i, whose own secret is not set, names %s", async (port, secret) => {
    expect(await curlJson(initialize(port))).toMatchObject({
      status: 503,
      json: { jsonrpc: "2.0", error: { code: expect.any(Number), message: expect.stringContaining(secret) } },
    });
  });

  test.each(Object.values(defaultPorts).filter((port) => port !== defaultPorts.hub))(
    "a bad token is 401 on %i, and so is none",
    async (port) => {
      const withoutToken = initialize(port).replace(/ {2}-H "Authorization.*\n/, "");
      expect(withoutToken).not.toContain(token);
      for (const command of [badToken(port), withoutToken]) {
        expect(await curlJson(command)).toMatchObject({ status: 401, json: { error: { code: expect.any(Number) } } });
      }
    },
  );

  test.each([8082, 8084])("HEAD on /mcp is 200 on %i", async (port) => {
    const { body, status } = await curl(head(port));
    expect(status).toBe(200);
    expect(body).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test.each([...Object.values(services), 3000])("OAuth discovery is 404 on %i, as JSON", async (port) => {
    expect(await curlJson(discovery(port))).toMatchObject({ status: 404, json: { error: {} } });
  });

  test("the hub on 3000 is healthy", async () => {
    expect(await curlJson(health(3000))).toMatchObject({ status: 200, json: { status: "healthy" } });
  });

  test("the log lists failed logins under the word that the seeds grep for", async () => {
    await curl(badToken(8082));
    const { stdout } = await sh(`grep AUTH '${project.path(".gangway/gateway.log")}'`);
    expect(stdout).toMatch(/"service":"memory".*"reason":"unknown token"/);
  });

  test("the token appears in no log, in no file of the gateway and in no server's environment", async () => {
    const visit = await openVisit("http://127.0.0.1:8086/mcp", token);
    expect(await callTool(visit, "get-env")).not.toContain(token);
    for (const file of ["gateway.log", "gateway.json", "running.json"]) {
      expect(project.read(`.gangway/${file}`)).not.toContain(token);
    }
  });
});

const hasJq = async () => (await sh("jq --version")).code === 0;
const jqInNode = `jq() { '${process.execPath}' -p 'JSON.stringify(JSON.parse(fs.readFileSync(0)).status)'; }`;
