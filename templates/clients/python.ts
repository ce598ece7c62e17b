import type { SnippetClient } from "./format.ts";

export const python: SnippetClient = {
  id: "python",
  title: "Python",
  checked: { version: "mcp 2.3.0", how: "live" },
  tokenBy: "reference",
  kind: "python",
  text: ({ url, token }) => (token ? withToken(url, token.variable) : withoutToken(url)),
  note: () => "It needs: pip install mcp",
};

const withoutToken = (url: string) => `import asyncio

from mcp import Client


async def main():
    async with Client(${JSON.stringify(url)}) as client:
        for tool in (await client.list_tools()).tools:
            print(tool.name)


asyncio.run(main())`;

const withToken = (url: string, variable: string) => `import asyncio
import os

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

headers = {"Authorization": "Bearer " + os.environ["${variable}"]}


async def main():
    async with httpx2.AsyncClient(headers=headers, timeout=300) as http:
        transport = streamable_http_client(${JSON.stringify(url)}, http_client=http)
        async with Client(transport) as client:
            for tool in (await client.list_tools()).tools:
                print(tool.name)


asyncio.run(main())`;
