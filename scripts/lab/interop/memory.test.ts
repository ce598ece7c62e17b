import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder, type ScratchFolder } from "../../kit/folder.ts";
import { clients, type TestClient } from "./clients.ts";
import { installed, startGateway, type Gateway } from "./gateway.ts";
import { entity, memory } from "./servers.ts";

const writes = 50;

describe.skipIf(!installed)("two clients, one of each era, that write to memory at once", () => {
  let folder: ScratchFolder;
  let gateway: Gateway;
  let writers: { client: TestClient; names: string[] }[];

  beforeAll(async () => {
    folder = scratchFolder("interop");
    const server = memory(folder.path);
    gateway = await startGateway(server.command, server.options);
    const kinds = ["the SDK v1 client", "the SDK v2 client, pinned to 2026-07-28"];
    writers = await Promise.all(
      kinds.map(async (kind) => ({
        client: await clients[kind]!(gateway.url, folder.path),
        names: Array.from({ length: writes }, (_, number) => `${kind} ${number}`),
      })),
    );
  });
  afterAll(async () => {
    await Promise.allSettled((writers ?? []).map(({ client }) => client.close()));
    await gateway?.stop();
    folder.remove();
  });

  test("each get the answers to their own calls, although both count their ids from the same start", async () => {
    const calls = writers.flatMap(({ client, names }) =>
      names.map(async (name) => {
        const answer = await client.call("create_entities", { entities: [entity(name)] });
        expect(namesIn(`{"entities":${answer}}`)).toEqual([name]);
      }),
    );
    await Promise.all(calls);
    expect(calls).toHaveLength(2 * writes);
  });

  test("lose nothing: both read everything that both wrote", async () => {
    const written = writers.flatMap(({ names }) => names).toSorted();
    for (const { client } of writers) expect(namesIn(await client.call("read_graph", {}))).toEqual(written);
  });
});

function namesIn(graph: string): string[] {
  const { entities } = JSON.parse(graph) as { entities: { name: string }[] };
  return entities.map(({ name }) => name).toSorted();
}
