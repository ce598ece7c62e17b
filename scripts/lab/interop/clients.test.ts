import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder, type ScratchFolder } from "../../kit/folder.ts";
import { clients } from "./clients.ts";
import { installed, startGateway, type Gateway } from "./gateway.ts";
import { everything, filesystem, memory, type ServerCase } from "./servers.ts";

describe.skipIf(!installed).each(Object.entries({ memory, filesystem, everything }))("in front of %s", (_, serve) => {
  let folder: ScratchFolder;
  let server: ServerCase;
  let gateway: Gateway;

  beforeAll(async () => {
    folder = scratchFolder("interop");
    server = serve(folder.path);
    gateway = await startGateway(server.command, server.options);
  });
  afterAll(async () => {
    await gateway?.stop();
    folder.remove();
  });

  test.each(Object.entries(clients))("%s lists every tool and calls one", async (name, open) => {
    const client = await open(gateway.url, folder.path);
    try {
      expect(await client.tools()).toEqual(expect.arrayContaining(server.tools));
      const { answer, ...call } = server.call(name);
      expect(await client.call(call.name, call.arguments)).toContain(answer);
    } finally {
      await client.close();
    }
  });
});
