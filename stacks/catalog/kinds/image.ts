/** image(): a stdio server out of somebody's image. */
import { pinned } from "../../images/digests.ts";
import type { StdioKind } from "./kind.ts";
import { image as imageRule, imageVersion, words as wordsRule } from "./rules.ts";

interface ImageServer {
  readonly kind: "image";
  /** With its tag. */
  readonly image: string;
  readonly command: readonly string[];
}

/** A stdio MCP server out of a public image, at a tag: `image("ghcr.io/owner/name:v1.2.3", ["/server", "stdio"])`. */
export const image = (ref: string, words: readonly string[]): ImageServer => ({
  kind: "image",
  image: ref,
  command: words,
});

export const imageKind: StdioKind<ImageServer> = {
  kind: "image",
  role: "stdio",
  fields: { image: imageRule, command: wordsRule },
  version: (server) => imageVersion(server.image),
  recipe: (server) => ({
    dockerfile: "image",
    args: { SERVER: pinned(server.image), PROGRAM: server.command[0] ?? "" },
  }),
  command: (server) => server.command,
  local: {
    image: (server) => server.image,
    start: (server, { docker }) => {
      if ("problem" in docker) return { needs: `Docker (${docker.problem})` };
      const { problem } = docker.images.get(server.image) ?? { problem: "it is not here" };
      if (problem !== undefined) return { needs: `its image: ${problem}` };
      return { words: server.command, folder: "own", image: server.image };
    },
  },
};
