/** A project of one's own from the packed packages: everything that needs neither Docker nor a network. */
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloudPackages } from "../../stacks/cloud-packages.ts";
import { shipped } from "../../stacks/shipped.ts";
import { McpClient } from "../kit/mcp/client.ts";
import { freePort } from "../kit/ports.ts";
import { OwnProject } from "./own-project.ts";

let project: OwnProject;
let ports: { hub: number; own: number };
beforeAll(async () => {
  project = await OwnProject.make();
  ports = { hub: await freePort(), own: await freePort() };
  project.env = { HUB_PORT: String(ports.hub) };
  project.addService("test-own", ports.own);
});
afterAll(() => project?.remove());

test("npm create says what comes next in three lines", () => {
  expect(project.created).toMatch(/^made .*my-servers\. Next:\n {2}cd my-servers\n {2}npm install\n {2}npm start$/m);
});

test("its lockfiles are those of our catalog, as npm writes them", () => {
  const names = readdirSync(project.path("locks"));
  expect(names).toHaveLength(2);
  for (const name of names)
    expect(project.read(`locks/${name}`)).toBe(readFileSync(shipped(`stacks/locks/${name}`), "utf8"));
});

test("a service is one entry: it starts, and its tool can be called", async () => {
  const start = project.start("start", "--json", "test-own");
  await start.during(async () => {
    await start.printed(/"state":\s*"up"/);
    const client = new McpClient(`http://127.0.0.1:${ports.own}`);
    await client.initialize({});
    expect(await client.tool("node")).toBe(process.version);
    const again = await project.gangway("start", "test-own");
    expect(again).toMatchObject({ code: 1, output: expect.stringMatching(/it runs already: pid \d+/) as string });
    expect((await project.gangway("verify")).output).toContain("all is well (1 of 1 checked)");
  });
});

test.each([["synth"], ["plan", "local"], ["deploy", "--yes", "local"]])(
  "gangway %s without what a deploy needs says how to install it",
  async (...words) => {
    const { code, output } = await project.gangway(...words);
    const specs = Object.entries(cloudPackages).map(([name, version]) => `${name}@${version}`);
    expect(output).toContain(`npm install --save-dev --save-exact ${specs.join(" ")}\n`);
    expect(output).not.toContain("ERR_");
    expect(code).toBe(1);
  },
);

test("a mistake in the catalog names the file as it is called here", async () => {
  project.edit("services.ts", 'isolation: "shared"', 'isolaton: "shared"');
  const { output } = await project.gangway("start");
  project.edit("services.ts", 'isolaton: "shared"', 'isolation: "shared"');
  expect(output).toMatch(/the catalog \(services\.ts\) has \d problems?:\n {2}memory: unknown option "isolaton"/);
});

test("no --help names a file of our repository", async () => {
  for (const verb of ["start", "verify", "plan", "deploy", "rollback", "token", "secrets", "synth"])
    expect((await project.gangway(verb, "--help")).output, verb).not.toMatch(/stacks\/(services|locks|pins)/);
});

test("a secret of an entry gets its lines in .env.example and the workflow", async () => {
  project.edit("services.ts", /^ {2}\/\/ (firecrawl: \{|  server.*|  port.*|  secrets.*|  tools.*|\},)$/gm, "  $1");
  expect((await project.gangway("secrets", "--check")).code).toBe(1);
  expect((await project.gangway("secrets")).code).toBe(0);
  expect(project.read(".env.example")).toContain("# firecrawl\nFIRECRAWL_API_KEY=\n");
  expect(project.read(".github/workflows/deploy.yml")).toContain("FIRECRAWL_API_KEY: ${{ secrets.FIRECRAWL_API_KEY }}");
});

test("gangway init in it overwrites nothing, and exits with 2", async () => {
  const { code, output } = await project.gangway("init");
  expect(output).toMatch(/gangway init: .* has package\.json, services\.ts, .* already, and nothing is overwritten/);
  expect(code).toBe(2);
});

test("it is synthesized: programs that Terraform runs are those of the package, and an upgrade brings its own gateway", async () => {
  project.linkCloudPackages();
  const synth = async () => {
    const { code, output } = await project.gangway("synth");
    expect({ code, output }).toMatchObject({ code: 0 });
    return readFileSync(project.path("cdktf.out/stacks/local/cdk.tf.json"), "utf8");
  };
  const before = await synth();
  const [, gate = ""] = /"node (\S+gate\.js) /.exec(before) ?? [];
  expect(gate).toBe("../../../node_modules/gangway-mcp/dist/stacks/provision/gate.js");
  expect(existsSync(join(project.path("cdktf.out/stacks/local"), gate))).toBe(true);
  expect(imagesIn(before)).toHaveLength(4); // three servers and the gateway of all; firecrawl has no key
  appendFileSync(project.path("node_modules/gangway-mcp/dist/gateways/main.js"), "\n// the next version\n");
  const changed = imagesIn(await synth()).filter((image) => !imagesIn(before).includes(image));
  expect(changed).toEqual([expect.stringMatching(/^gangway\/gateway:/)]);
});

const imagesIn = (stack: string) => [...new Set(stack.match(/gangway\/[\w-]+:[0-9a-f]{16}/g))];
