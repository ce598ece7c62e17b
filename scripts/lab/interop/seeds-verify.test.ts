import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultPorts, whoHolds } from "./ports.ts";
import { Project, sh } from "./start.ts";

// Where two deployment guides (seeds 001 and 002) have callers show their own token of the API: the verifier, the curl lines and
// the header of the client's file, as printed there. The API is one of the test's own, so its address is in the verifier, and
// nothing of ours can be pointed to another one. Requests to a public https address go to this machine.
const printed = "14460eab-8367-40a5-b430-33c40671f6f4";
const other = "5b1d4c7a-0f7e-4d55-9c39-7a54a7e8c1f2";
const stranger = "c0ffee00-0f7e-4d55-9c39-7a54a7e8c1f2";

const verifier = (url: string) => `export async function verifyToken(token: string): Promise<AuthInfo> {
  try {
    const response = await fetch('${url}', {
      headers: {
        'Authorization': \`Bearer \${token}\`
      }
    });

    if (!response.ok) {
      return {
        valid: false,
        error: \`Coda API error: \${response.status}\`
      };
    }

    const data = await response.json();
    return {
      valid: true,
      token,
      clientId: data.user.id
    };
  } catch (error) {
    return {
      valid: false,
      error: error instanceof Error ? error.message : 'Unknown error'
    };
  }
}
`;

const catalog = `import { defineServices } from "./catalog/define.ts";
import { command } from "./catalog/kinds/command.ts";

export const services = defineServices({
  coda: {
    server: command(["node", "gateways/fixtures/token-child.ts"]),
    port: 8080,
    secrets: ["API_TOKEN"],
    auth: "verify",
    verify: "./stacks/coda.verify.ts",
    sandbox: false, // its program is linked from where we are, which may be a temporary folder: a sandbox has its own
  },
});
`;

const initialize = (token: string) => `
curl -X POST http://localhost:8080/mcp \\
  -H "Authorization: Bearer ${token}" \\
  -H "Content-Type: application/json" \\
  -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'`;

const invalid = `
curl -X POST http://localhost:8080/mcp \\
  -H "Authorization: Bearer invalid" \\
  -H "Content-Type: application/json" \\
  -d '{}'`;

const head = `
curl -I http://localhost:8080/mcp \\
  -H "Authorization: Bearer ${printed}"`;

const taken = await whoHolds({ ...defaultPorts });
if (taken !== undefined) console.warn(`seeds-verify: skipped, ${taken}`);

describe.skipIf(taken !== undefined)("the seeds' lines, with npm start and callers' own tokens of the API", () => {
  const accounts = new Map([
    [printed, "ops"],
    [other, "ops"],
    [stranger, "somebody"],
  ]);
  let api: Server;
  let project: Project;

  beforeAll(async () => {
    api = createServer(({ headers }, res) => {
      const id = accounts.get(/^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
      res.writeHead(id === undefined ? 401 : 200).end(JSON.stringify({ user: { id } }));
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    project = new Project({});
    project.write("stacks/services.ts", catalog);
    project.write(
      "stacks/coda.verify.ts",
      verifier(`http://127.0.0.1:${(api.address() as AddressInfo).port}/v1/whoami`),
    );
    project.write(".env", `API_TOKEN=${printed}\n`);
  });
  afterAll(async () => {
    await project?.remove();
    api?.close();
  });

  const statusOf = async (command: string) => {
    project.write(".curlrc", 'write-out = "\\n%{http_code}"');
    const { stdout } = await sh(command, { CURL_HOME: project.path() });
    return Number(stdout.slice(-3));
  };

  test("a service starts whose secret is valid, and the printed lines do what they say", async () => {
    const { service, run } = await project.start(["coda"]);
    expect(service("coda").state).toBe("up");
    expect(await statusOf("curl -f http://localhost:8080/health")).toBe(200);
    expect(await statusOf(initialize(printed))).toBe(200);
    expect(await statusOf(head)).toBe(200);
    expect(await statusOf(initialize(other))).toBe(200); // another token of that account
    expect(await statusOf(initialize(stranger))).toBe(401); // a valid one of another account
    expect(await statusOf(initialize("5b1d4c7a-0000-0000-0000-7a54a7e8c1f2"))).toBe(401);
    expect(await statusOf(invalid)).toBe(401);
    const { stdout } = await sh(`grep AUTH '${project.path(".gangway/gateway.log")}'`);
    expect(stdout).toMatch(/"service":"coda".*"reason":"the token of another account, which is not admitted"/);
    for (const file of ["gateway.log", "gateway.json", "running.json"])
      for (const token of [printed, other, stranger]) expect(project.read(`.gangway/${file}`)).not.toContain(token);
    await run.stop();
  });

  test("a service whose own secret is refused by the API is not up, and npm start says why", async () => {
    accounts.delete(printed);
    const { service, run } = await project.start(["coda"]);
    expect(service("coda")).toMatchObject({
      state: "failed",
      error: "its API refuses API_TOKEN (Coda API error: 401): set one that is valid",
    });
    await run.stop();
  });
});
