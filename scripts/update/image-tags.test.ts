import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { imageName, newestTag, tagsOf } from "./image-tags.ts";

test.each([
  ["ghcr.io/owner/name:v1.2.3", ["ghcr.io", "owner/name", "v1.2.3"]],
  ["localhost:5000/name:1", ["localhost:5000", "name", "1"]],
  ["node:24-slim", [undefined, "node", "24-slim"]],
  ["owner/name", [undefined, "owner/name", undefined]],
  ["ghcr.io/owner/name:v1@sha256:abc", ["ghcr.io", "owner/name", undefined]],
])("%s", (ref, [registry, repository, tag]) => {
  expect(imageName(ref)).toEqual({ registry, repository, tag });
});

test.each([
  ["v1.2.3", ["v1.10.0", "v1.9.9", "v2", "2.0.0", "v1.11.0-rc1", "latest"], "v1.10.0"],
  ["24-slim", ["26-slim", "27", "26-alpine", "24.1-slim"], "26-slim"],
  ["1.0", ["0.9", "1.0"], "1.0"],
  ["2.41.3", ["2.41.3", "2.42.0", "2.41.10"], "2.42.0"],
  ["latest", ["1.0"], undefined],
  ["sha-abc", ["sha-abd"], undefined],
])("the newest that is written like %s of %j is %s", (tag, tags, newest) => {
  expect(newestTag(tag, tags)).toBe(newest);
});

const ask = (registry: string) =>
  tagsOf({ registry, repository: "owner/name", tag: "v1" }, new AbortController().signal);

describe("a registry", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));
  const listen = async (answer: (request: IncomingMessage, response: ServerResponse, host: string) => void) => {
    let host = "";
    const server = createServer((request, response) => answer(request, response, host));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return host;
  };

  test("gives an anonymous token for its own challenge, and its tags page by page", async () => {
    const asked: string[] = [];
    const registry = await listen((request, response, host) => {
      asked.push(request.url!);
      if (request.url!.startsWith("/token")) return response.end('{"token":"t"}');
      if (request.headers.authorization !== "Bearer t") {
        const scope = `Bearer realm="http://${host}/token",service="s",scope="repository:owner/name:pull"`;
        return response.writeHead(401, { "www-authenticate": scope }).end();
      }
      if (request.url!.includes("last=")) return response.end('{"tags":["v2"]}');
      return response.writeHead(200, { link: '</v2/owner/name/tags/list?last=v1>; rel="next"' }).end('{"tags":["v1"]}');
    });
    expect(await ask(registry)).toEqual(["v1", "v2"]);
    expect(asked[1]).toBe("/token?service=s&scope=repository%3Aowner%2Fname%3Apull");
  });

  test("that sends the token elsewhere is not followed", async () => {
    const registry = await listen((_, response) =>
      response.writeHead(200, { link: '<http://127.0.0.2:1/next>; rel="next"' }).end('{"tags":["v1"]}'),
    );
    expect(await ask(registry)).toEqual(["v1"]);
  });

  test.each([
    ["wants an account", 401, 'Basic realm="x"', /wants an account/],
    ["is unknown", 404, "", /answers 404 to whoever asks for its tags without an account/],
  ])("that %s is told so", async (_, status, challenge, said) => {
    const registry = await listen((_, response) =>
      response.writeHead(status, challenge === "" ? {} : { "www-authenticate": challenge }).end(),
    );
    await expect(ask(registry)).rejects.toThrow(said);
  });

  test("that does not answer, or that no name says, is told so", async () => {
    await expect(ask("127.0.0.1:1")).rejects.toThrow("127.0.0.1:1 does not answer");
    await expect(tagsOf(imageName("node:24"), new AbortController().signal)).rejects.toThrow(
      /does not read the tags of Docker Hub/,
    );
  });
});
