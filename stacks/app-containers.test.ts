import { describe, expect, test } from "vitest";
import { gatewayName } from "./catalog/containers.ts";
import type { ServiceEntry } from "./catalog/entry.ts";
import { app, type AppOptions, type appOptions } from "./catalog/kinds/app.ts";
import { http } from "./catalog/kinds/http.ts";
import { type Synthesized, synthesizeLocal } from "./fixtures/synth.ts";

const entries = {
  database: app({
    image: "postgres:18.4",
    port: 5432,
    public: false,
    network: "own",
    secrets: ["PASSWORD"],
    volumes: { "/var/lib/postgresql": "database" },
    user: "postgres",
    healthcheck: { test: ["pg_isready", "--host=${HOST}"], startPeriod: "90s" },
  }),
  queries: { server: http("https://example.org/mcp"), port: 8087, reaches: ["database"] },
  others: { server: http("https://example.org/mcp"), port: 8088 },
  worker: app({
    image: "example/worker:1",
    port: 8089,
    secrets: ["TOKEN"],
    secretsAs: "variables",
    command: ["/entrypoint", "--name=${NAME}"],
    healthcheck: { path: "/healthz", interval: "1m" },
    reaches: ["database"],
  }),
  web: app({ image: "example/web:1", port: 8090, command: ["serve"], public: false }),
} satisfies Record<string, ServiceEntry>;

const plain = { image: "example/app:1", port: 8089, secrets: ["TOKEN"], command: ["serve"] };
const env = { PASSWORD: "the-password-of-the-database", TOKEN: "the-token-of-the-worker" };
const local = synthesizeLocal(entries, env);
const container = (name: string, { resource }: Synthesized = local) => resource(`${name}/container`);

/** The names of the networks that a container is on. */
const networksOf = (name: string): string[] =>
  (container(name)["networks_advanced"] as { name: string }[]).map(
    ({ name: reference }) => /docker_network\.networks_(.+)_\w+\.name/.exec(reference)?.[1] ?? reference,
  );

describe("an app with a network of its own", () => {
  test("is on no other network", () => {
    expect(networksOf("database")).toEqual(["database-network"]);
    expect(local.resource("networks/database-network")).toMatchObject({ name: "database-network" });
  });

  test("is reached by those that name it alone, be they gateways or apps", () => {
    const reaching = ["queries", "worker", "others", "web", "nginx-proxy"].filter((name) =>
      networksOf(name).includes("database-network"),
    );
    expect(reaching).toEqual(["queries", "worker"]);
    for (const name of ["queries", "others", "worker", "web"]) expect(networksOf(name)).toContain("syncbricks");
  });

  test("gets a new neighbour without a change of its own", () => {
    const late: ServiceEntry = { server: http("https://example.org/mcp"), port: 8099, reaches: ["database"] };
    const more = synthesizeLocal({ ...entries, late }, env);
    for (const name of ["database", "queries", "others", "worker", "nginx-proxy"])
      expect(container(name, more), name).toEqual(container(name));
  });

  test("is never created beside its predecessor because a gateway reaches it", () => {
    expect(JSON.stringify(container("queries"))).not.toContain("docker_container.database");
    expect(container("database")["lifecycle"]).not.toHaveProperty("create_before_destroy");
  });

  test("that a gateway reaches may take a minute longer to come up than the gateway's server", () => {
    expect(local.resource("queries/gate")["provisioner"][0]["local-exec"].command).toMatch(/ --grace 60$/);
  });
});

describe("an app that is not public", () => {
  test("has no name in the proxy, no port on this machine and no container that would publish one", () => {
    for (const name of ["database", "web"]) {
      expect(container(name)["env"]?.join() ?? "").not.toMatch(/VIRTUAL_|LETSENCRYPT_/);
      expect(container(name)).not.toHaveProperty("ports");
      expect(local.paths("docker_container")).not.toContain(`${name}-port/container`);
    }
    expect(container("worker")["env"]).toContain("VIRTUAL_HOST=worker.localhost");
  });

  test("publishes its port to this machine alone where PORT_<SERVICE> asks for it", () => {
    const asked = synthesizeLocal(entries, { ...env, PORT_DATABASE: "15432" });
    expect(container("database", asked)["ports"]).toEqual([{ external: 15432, internal: 5432, ip: "127.0.0.1" }]);
    expect(asked.paths("docker_container")).not.toContain("database-port/container");
  });
});

test("what runs for each service, app or not, says so in a label, by which status and logs find it", () => {
  const parts = {
    database: "app",
    worker: "app",
    web: "app",
    queries: "gateway",
    others: "gateway",
  };
  for (const [name, part] of Object.entries(parts)) {
    const labels = container(name)["labels"] as { label: string; value: string }[];
    const own = Object.fromEntries(labels.map(({ label, value }) => [label, value]));
    expect(own).toMatchObject({ "gangway.part": part, "gangway.service": name });
    expect(own["gangway.release"] ?? "").toMatch(part === "app" ? /^$/ : /^[0-9a-f]{16}$/);
  }
});

describe("the program of an app", () => {
  test("is the image's own, with the words and the user of the entry", () => {
    expect(container("web")).toMatchObject({ command: ["serve"] });
    expect(container("web")).not.toHaveProperty("entrypoint");
    expect(container("database")).toMatchObject({ user: "postgres" });
    expect(container("database")).not.toHaveProperty("command");
  });

  test("gets secrets as variables from a shell in the container, and none from Docker", () => {
    const { entrypoint, command, env: given } = container("worker");
    const script = 'TOKEN=$(cat /run/gangway/TOKEN) || exit 1; export TOKEN; exec "$@"';
    expect(entrypoint).toEqual(["sh", "-c", script, "sh"]);
    expect(command).toEqual(["/entrypoint", "--name=$${NAME}"]);
    expect(given.join()).not.toContain("TOKEN");
    expect(container("database")["env"]).toEqual(["PASSWORD_FILE=/run/gangway/PASSWORD"]);
  });

  test("has time to stop before it is removed", () => {
    expect(container("database")).toMatchObject({ stop_timeout: 30, destroy_grace_seconds: 30 });
  });
});

const rights = ({ capabilities, security_opts: options, read_only: isReadOnly = false }: Synthesized["json"]) => ({
  capabilities: capabilities as unknown,
  isReadOnly: isReadOnly as boolean,
  options: options as unknown,
});

const rightsOf = (options: Partial<AppOptions>) =>
  rights(container("plain", synthesizeLocal({ plain: app({ ...plain, ...options }) }, env)));

describe("the rights of an app", () => {
  const others = { isReadOnly: false, options: ["no-new-privileges:true"] };
  const become = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID"].map(
    (name) => `CAP_${name}`,
  );

  test.each<[string, Partial<AppOptions>, object]>([
    ["suffice to become another user", {}, { drop: ["ALL"], add: become }],
    ["are none with a user", { user: "1000" }, { drop: ["ALL"] }],
    [
      "are those of the entry",
      { capabilities: ["NET_RAW", "CHOWN"] },
      { drop: ["ALL"], add: ["CAP_CHOWN", "CAP_NET_RAW"] },
    ],
    [
      "are those of the entry, with a user too",
      { user: "a", capabilities: ["KILL"] },
      { drop: ["ALL"], add: ["CAP_KILL"] },
    ],
    ["are none where the entry says so", { capabilities: [] }, { drop: ["ALL"] }],
  ])("%s", (_what, options, capabilities) => {
    expect(rightsOf(options)).toEqual({ capabilities, ...others });
  });

  test("end at its volumes where it may write nowhere else", () => {
    const { read_only: isReadOnly, tmpfs } = container(
      "plain",
      synthesizeLocal({ plain: app({ ...plain, readOnly: true }) }, env),
    ) as Record<string, unknown>;
    expect({ isReadOnly, tmpfs }).toEqual({
      isReadOnly: true,
      tmpfs: { "/tmp": "size=256m", "/run": "size=16m" },
    });
  });

  test("are limited in processor time and processes, as in memory", () => {
    expect(container("web")).toMatchObject({ memory: 512, cpu_period: 100_000, cpu_quota: 200_000 });
    const { command } = local.resource("web/limits")["provisioner"][0]["local-exec"] as { command: string };
    expect(command).toMatch(/limit\.ts --container \$\{docker_container\.web_container_\w+\.id\} --processes 1024$/);
  });
});

describe("the health check of an app", () => {
  test("is waited for, and written as Docker writes it", () => {
    const times = { interval: "10s", timeout: "5s", retries: 3 };
    expect(container("database")).toMatchObject({
      healthcheck: { test: ["CMD", "pg_isready", "--host=$${HOST}"], ...times, start_period: "1m30s" },
      wait: true,
    });
    const url = "'http://127.0.0.1:8089/healthz'";
    const test = ["CMD-SHELL", `wget -q -O /dev/null ${url} || curl -fsS -o /dev/null ${url} || exit 1`];
    expect(container("worker")["healthcheck"]).toEqual({ test, ...times, interval: "1m0s", start_period: "1m0s" });
  });

  test("is the image's own where the entry has none", () => {
    for (const option of ["healthcheck", "wait"]) expect(container("web")).not.toHaveProperty(option);
  });
});

/** For each option of an app(), values that are not its default. */
const samples = {
  command: { command: ["other"] },
  user: { user: "node" },
  healthcheck: { healthcheck: { path: "/" } },
  capabilities: { capabilities: [] },
  readOnly: { readOnly: true },
  public: { public: false },
  network: { public: false, network: "own" },
  secretsAs: { secretsAs: "variables" },
  monitoring: { public: false, monitoring: "prometheus" },
} satisfies { readonly [Option in keyof typeof appOptions]: Partial<AppOptions> };

test.each(Object.entries(samples))("the option %s has an effect", (_option, changed) => {
  const before = synthesizeLocal({ plain: app(plain) }, env);
  expect(synthesizeLocal({ plain: app({ ...plain, ...changed }) }, env).text).not.toBe(before.text);
});

test("no secret's value is anywhere in what is synthesized", () => {
  for (const value of Object.values(env)) expect(local.text).not.toContain(value);
});

test("a service is left out together with those that reach it", () => {
  const { said, paths } = synthesizeLocal(entries, { TOKEN: "x" });
  expect(said).toEqual([
    "local is without database: it needs PASSWORD",
    "local is without queries: it needs database",
    "local is without worker: it needs database",
  ]);
  expect(paths("docker_network")).toEqual(["networks/egress", "networks/proxy", "networks/syncbricks"]);
});

test("what is optional is not mentioned while nothing asks for it", () => {
  const optional = {
    database: { ...entries.database, optional: true },
    queries: { ...entries.queries, secrets: ["DSN"], optional: true },
    others: entries.others,
  };
  const without = synthesizeLocal(optional);
  expect([without.said, without.paths("docker_container").includes("database/container")]).toEqual([[], false]);
  expect(synthesizeLocal(optional, { DSN: "x" }).said).toEqual(["local is without queries: it needs database"]);
  expect(synthesizeLocal(optional, { DSN: "x", PASSWORD: "y" }).paths("docker_container")).toContain(
    "queries/container",
  );
});

test.each([
  ["memory", "memory-mcp-gateway"],
  ["mycopa-mcp", "mycopa-mcp-gateway"],
  ["mcp", "mcp-mcp-gateway"],
])("the gateway of %s is called %s", (name, expected) => {
  expect(gatewayName(name)).toBe(expected);
});
