/** What servers reach: their entries' hosts through real proxies, and nothing else. The test looks from inside of their containers. */
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { certificateFor } from "../gateways/fixtures/certificate.ts";
import { app } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { containers, freePort, gatewayOf, names, removeDeployment } from "./fixtures/engine.ts";
import { type Catalog, Project } from "./fixtures/project.ts";
import { docker } from "./provision/docker.ts";

const [none = 0, listed = 0, any = 0] = await Promise.all(Array.from({ length: 3 }, freePort));
const server = command(["node", "servers/test/main.js"]);

/** Speaks first, as many protocols do, and then says what it hears. */
const ECHO = 'require("net").createServer((socket) => { socket.write("hello "); socket.pipe(socket); }).listen(5432)';

const LISTED = ["api.internal", "api.internal:5432", "rebind.example", "gone.example"];

const catalog = (hosts: readonly string[] = LISTED) =>
  ({
    "test-none": { server, port: none, egress: "none" },
    "test-listed": { server, port: listed, egress: hosts, reaches: ["test-db"] },
    "test-any": { server, port: any },
    "test-db": app({
      image: "node:24-slim",
      port: 5432,
      public: false,
      network: "own",
      command: ["node", "-e", ECHO],
    }),
  }) satisfies Catalog;

/** The running container of a part of a service. */
async function partOf(service: string, part: string): Promise<string> {
  const filters = [`label=gangway.service=${service}`, `label=gangway.part=${part}`];
  const words = ["ps", "--quiet", "--no-trunc", ...filters.flatMap((one) => ["--filter", one])];
  return (await docker(words)).trim();
}

/** Runs JavaScript beside a server, as its user. @returns what it printed */
async function inside(service: string, script: string): Promise<string> {
  const Id = await partOf(service, "server");
  return (await docker(["exec", "--user", "1000", Id, "node", "-e", script])).trim();
}

/** Connects from a server's container. @returns what it hears in answer to "x", or why it is not connected */
const connection = (service: string, host: string, port: number) =>
  inside(
    service,
    `const socket = require("net").connect(${port}, "${host}", () => socket.end("x"));
     let heard = "";
     const end = (what) => { console.log(what); process.exit(); };
     socket.on("data", (data) => heard += data).on("end", () => end("heard " + heard)).on("error", ({ code }) => end(code));
     setTimeout(() => end("no answer"), 4000);`,
  );

const addressOf = async (container: string) => {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
  return (await docker(["inspect", "--format", format, container])).trim().split(" ")[0]!;
};

const gatewayAddress = async (network: string) =>
  (await docker(["network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", network])).trim();

const connectOutside = async () =>
  docker(["network", "connect", "test-outside-network", await partOf("test-listed", "egress")]);

describe.skipIf(inject("lacking") !== "")("what a server reaches", () => {
  const project = new Project();
  const { key, cert } = certificateFor("api.internal");
  let here: Server;
  let port: number;

  /** Beside the deployment: what its proxies take for hosts of the internet, and somebody else on the servers' network. */
  const outside = async () => {
    await docker(["network", "create", "test-outside-network"]);
    const script = `require("https").createServer(${JSON.stringify({ key, cert })}, (_, response) => response.end("over TLS")).listen(443);${ECHO}`;
    const aliases = ["api.internal", "rebind.example"].flatMap((name) => ["--network-alias", name]);
    const words = ["run", "-d", "--name", "test-outside", "--network", "test-outside-network", ...aliases];
    await docker([...words, "node:24-slim", "node", "-e", script]);
    await docker([
      "run",
      "-d",
      "--name",
      "test-neighbour",
      "--network",
      "gangway-egress",
      "node:24-slim",
      "node",
      "-e",
      ECHO,
    ]);
  };

  beforeAll(async () => {
    here = createServer((socket) => socket.end("this host")).listen(0, "0.0.0.0");
    await once(here, "listening");
    port = (here.address() as { port: number }).port;
    project.env = { MCP_BEARER_TOKEN: "test-bearer-token-of-nobody" };
    await project.deploy(catalog());
    await outside();
  }, 600_000);

  afterAll(async () => {
    here.close();
    await removeDeployment();
    project.remove();
  }, 120_000);

  test("a second plan changes nothing", async () => {
    expect((await project.plan()).changes).toEqual([]);
  });

  test("of a list: its hosts and its apps, by their names, at their ports", async () => {
    await connectOutside();
    const fetched = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // it is about the way
      fetch("https://api.internal/").then((answer) => answer.text()).then(console.log, ({ cause }) => console.log(cause.code))`;
    expect(await inside("test-listed", fetched)).toContain("over TLS");
    expect(await connection("test-listed", "api.internal", 5432)).toBe("heard hello x");
    expect(await connection("test-listed", "test-db", 5432)).toBe("heard hello x");
    expect(await connection("test-listed", "api.internal", 80)).toBe("ECONNREFUSED");
  });

  test("of a list: no other name, no address, and no public name that leads inside", async () => {
    expect(await connection("test-listed", "refused.example", 443)).toBe("ENOTFOUND");
    expect(await connection("test-listed", "169.254.169.254", 80)).toBe("ENETUNREACH");
    expect(await connection("test-listed", await addressOf("test-outside"), 5432)).toBe("ENETUNREACH");
    expect(await connection("test-listed", "rebind.example", 443)).toMatch(/^(heard|ECONNRESET)$/);
    expect(await connection("test-listed", "gone.example", 443)).toMatch(/^(heard|ECONNRESET|no answer)$/);
  });

  test("of none: nothing", async () => {
    expect(await connection("test-none", "api.internal", 443)).toBe("ENOTFOUND");
    expect(await connection("test-none", "169.254.169.254", 80)).toBe("ENETUNREACH");
    expect(await connection("test-none", "test-db", 5432)).toBe("ENOTFOUND");
    expect(await inside("test-none", "console.log(Object.keys(require('os').networkInterfaces()).join())")).toBe("lo");
  });

  test("by default: everything but the metadata, this host as its neighbour, and the other containers", async () => {
    expect(await connection("test-any", "169.254.169.254", 80)).toBe("EHOSTUNREACH");
    expect(await connection("test-any", await gatewayAddress("gangway-egress"), port)).toBe("EHOSTUNREACH");
    expect(await connection("test-any", await addressOf("test-neighbour"), 5432)).toBe("no answer");
    const gateway = await gatewayOf("test-any");
    expect(await connection("test-any", await addressOf(gateway.Id), any)).toBe("no answer");
    expect(await connection("test-any", await addressOf("nginx-proxy"), 80)).toBe("no answer");
    expect(await connection("test-any", "nginx-proxy", 80)).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
    expect(await connection("test-any", "test-db", 5432)).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  test("by default: what is beyond its router", async (context) => {
    const beyond = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      /^(lo|docker|br-|veth)/.test(name) ? [] : addresses.filter(({ family }) => family === "IPv4"),
    )[0]?.address;
    if (beyond === undefined) return context.skip("this machine has no network");
    expect(await connection("test-any", beyond, port)).toBe("heard this host");
  });

  test("the runner has no rights left where it had some to set routes", async () => {
    const status = await inside("test-any", 'console.log(require("fs").readFileSync("/proc/1/status", "utf8"))');
    expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    expect(status).toMatch(/^Gid:\s+1000\s+1000\s+1000\s+1000$/m);
    expect(status).toMatch(/^Groups:\s+1000\s*$/m);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"])
      expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, "m"));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  });

  test("what was refused is in the log, and the doctor says what to add", async () => {
    const { output: log } = await project.verb("logs", "--env", "local-docker", "test-listed");
    expect(log).toMatch(/"host":"refused\.example","times":1,"msg":"refused/);
    expect(log).toMatch(/"host":"rebind\.example","port":443.*"msg":"refused: the name leads to an address inside"/);
    const doctor = await project.verb("doctor", "--egress");
    expect(doctor.output).toMatch(/test-listed\n.*refused\.example +1 × .*not listed/);
    expect(doctor.output).toMatch(/If test-listed should reach them, add to egress in its entry[^]*"refused\.example"/);
    expect(doctor.code).toBe(1);
  });

  test("a changed list replaces the proxy alone, and its server goes on", async () => {
    const before = await running();
    const more = catalog([...LISTED, "more.internal:5432"]);
    const { changes } = await project.plan(more);
    const names = changes.map((line) => line.replace(/_[0-9A-F]{8}: /, ": "));
    expect(names.toSorted()).toEqual([
      "docker_container.test-listed-egress_container: create+delete",
      "terraform_data.test-listed-egress_limits: delete+create",
    ]);
    await project.deploy(more);
    await connectOutside();
    expect(await running()).toEqual(before);
    expect(await connection("test-listed", "more.internal", 5432)).not.toBe("ENOTFOUND");
    expect(await connection("test-listed", "api.internal", 5432)).toBe("heard hello x");
  });

  test("a proxy that ends comes again", async () => {
    await docker(["restart", await partOf("test-listed", "egress")]);
    await expect.poll(() => connection("test-listed", "api.internal", 5432), { timeout: 20_000 }).toBe("heard hello x");
  });

  test("nothing is left when it is destroyed", async () => {
    await docker(["rm", "-f", "test-outside", "test-neighbour"]);
    await project.destroy();
    expect(await names("volume ls --format {{.Name}}", /^gangway-test-.*-(egress|server)-/)).toEqual([]);
    expect(await containers(/^test-/)).toEqual([]);
  });
});

/** All but the proxies of servers. */
const running = async () =>
  (await containers()).flatMap(({ Id, Name }) => (Name.includes("-egress-") ? [] : `${Name} ${Id}`));
