import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder, type ScratchFolder } from "../../kit/folder.ts";
import { waitUntil } from "../../kit/wait.ts";
import { clients } from "./clients.ts";
import { installed, startInFront, type Gateway } from "./gateway.ts";
import { startSdkServer, type SdkServer } from "./sdk-server.ts";

const kinds = ["the SDK v1 client", "the SDK v2 client, auto", "the SDK v2 client, pinned to 2026-07-28"];

/** What /ready may take to tell that an upstream is gone, or back, in milliseconds. */
const SOON = 30_000;

/** Whether /ready has this status now. */
const isReady = async ({ url }: Gateway, status: number) =>
  (await fetch(url.replace("/mcp", "/ready"))).status === status;

describe.skipIf(!installed).each(["reject", "stateless"] as const)(
  "the SDK v2 server behind --url, legacy requests: %s",
  (legacy) => {
    let folder: ScratchFolder;
    let server: SdkServer;
    let gateway: Gateway;

    beforeAll(async () => {
      folder = scratchFolder("interop");
      server = await startSdkServer(legacy);
      gateway = await startInFront(["--url", server.url, "--name", "sdk"]);
    });
    afterAll(async () => {
      await gateway?.stop();
      server?.close();
      folder?.remove();
    });

    test.each(kinds)("%s lists and calls", async (kind) => {
      const client = await clients[kind]!(gateway.url, folder.path);
      expect(await client.tools()).toEqual(["echo"]);
      expect(await client.call("echo", { text: kind })).toBe(kind);
      await client.close();
      expect(server.versions.at(-1)).toBe(kind.includes("v1") && legacy === "stateless" ? "2025-11-25" : "2026-07-28");
    });

    test("/ready is red while it is gone, and green when it is back in either era, although nobody calls", async () => {
      for (const era of ["stateless", "reject"] as const) {
        const { port } = new URL(server.url);
        server.close();
        expect(await waitUntil(() => isReady(gateway, 503), SOON)).toBe(true);
        server = await startSdkServer(era, Number(port));
        expect(await waitUntil(() => isReady(gateway, 200), SOON)).toBe(true);
        const client = await clients["the SDK v1 client"]!(gateway.url, folder.path);
        expect(await client.call("echo", { text: era })).toBe(era);
        await client.close();
      }
    });
  },
);
