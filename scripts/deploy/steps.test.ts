import { expect, test } from "vitest";
import { stepOf } from "./steps.ts";

/** An event of a resource, as `terraform apply -json` writes it. */
const event = (type: string, addr: string, rest: object = {}) => ({
  "@level": "info",
  "@message": "...",
  "@module": "terraform.ui",
  type,
  hook: { resource: { addr, module: "", resource_type: addr.split(".")[0], resource_key: null }, ...rest },
});

const complete = (addr: string, action = "create", elapsed_seconds = 0) =>
  event("apply_complete", addr, { action, elapsed_seconds });

const says = (output: string) =>
  event("provision_progress", "terraform_data.ready", { provisioner: "local-exec", output });

const diagnostic = (summary: string, detail: string) => ({
  type: "diagnostic",
  diagnostic: { severity: "error", summary, detail },
});

test.each([
  [complete("docker_container.memory_container_CB8B5D91", "create", 2), "memory created (2 s)"],
  [complete("docker_container.memory_server_container_CB8B5D91"), "memory server created"],
  [complete("docker_volume.memory_server_socket_CB8B5D91"), "memory server socket created"],
  [complete("docker_container.memory-port_container_ECDE0F42"), "memory-port created"],
  [complete("docker_image.memory-image_D7CA2D01", "create", 40), "memory-image created (40 s)"],
  [complete("docker_image.memory-image_D7CA2D01", "delete"), "memory-image stays on the engine"],
  [complete("docker_network.networks_proxy_55E4BEC4"), "networks proxy created"],
  [complete("docker_volume.memory_secrets_volume_A93F8B50", "delete"), "memory secrets volume removed"],
  [complete("terraform_data.memory_gate_BE9D781B", "create", 6), "memory gate passed (6 s)"],
  [complete("terraform_data.memory_secrets_written_9773095C", "create", 1), "memory secrets written (1 s)"],
  [complete("digitalocean_droplet.droplet", "update", 30), "droplet changed (30 s)"],
  [complete("terraform_data.ready", "create", 240), "ready (240 s)"],
])("a step is named after its construct: %#", (json, line) => {
  expect(stepOf(json)).toBe(line);
});

test("a long wait is reported each time Terraform reports it", () => {
  const json = event("apply_progress", "terraform_data.memory_gate_BE9D781B", {
    action: "create",
    elapsed_seconds: 10,
  });
  expect(stepOf(json)).toBe("memory gate ... (10 s)");
});

test("the output of our own programs is shown, their command line is not", () => {
  expect(stepOf(says("cloud-init runs (40 s)"))).toBe("ready: cloud-init runs (40 s)");
  expect(stepOf(says('Executing: ["/bin/sh" "-c" "node wait-for-host.ts"]'))).toBeUndefined();
});

test("a failure is shown in Terraform's words, and a program's own output only once", () => {
  expect(
    stepOf(event("apply_errored", "docker_container.n8n_container_A2A3DF5E", { action: "create", elapsed_seconds: 3 })),
  ).toBe("n8n failed (3 s)");
  expect(stepOf(diagnostic("Unable to create container", "no such image"))).toBe(
    "error: Unable to create container: no such image",
  );
  expect(stepOf(diagnostic("Unable to start", ""))).toBe("error: Unable to start");
  expect(
    stepOf(diagnostic("local-exec provisioner error", "Error running command 'x': exit status 1.")),
  ).toBeUndefined();
});

test.each([
  [
    "Error response from daemon: network with name syncbricks already exists",
    "See whose it is: docker ps -a --filter network=syncbricks. Only if nobody needs it: docker network rm syncbricks, and deploy again",
  ],
  [
    'Conflict. The container name "/nginx-proxy" is already in use by container "0123".',
    "See whose it is: docker inspect nginx-proxy. Only if nobody needs it: docker rm -f nginx-proxy, and deploy again",
  ],
])("what an interrupted deploy left behind comes with advice: %s", (words, advice) => {
  expect(stepOf(diagnostic("Unable to create", words))).toContain(advice);
});

test.each([
  diagnostic("execution halted", ""),
  complete("terraform_data.memory_mounts_DD3E7957"),
  complete("terraform_data.memory_server_settings_DD3E7957"),
  complete("terraform_data.memory_gate_BE9D781B", "delete"),
  { type: "version", terraform: "1.11.4" },
  { type: "apply_start", hook: {} },
  "no event",
])("events that nobody waits for are not shown: %#", (json) => {
  expect(stepOf(json)).toBeUndefined();
});
