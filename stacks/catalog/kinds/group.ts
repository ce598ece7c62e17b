/** group(): other services of the catalog, served as one. */
import * as z from "zod/mini";
import type { GroupKind } from "./kind.ts";

/** Names that were not written down as such, as in a computed catalog, are checked when the catalog is read. */
// oxlint-disable-next-line typescript/no-explicit-any -- unlike `string`, it fits a catalog of any names
type Unchecked = any;

/** @typeParam Names keys of the catalog, which the compiler compares with those that there are */
export interface GroupServer<Names extends string = Unchecked> {
  readonly kind: "group";
  readonly members: readonly Names[];
}

/** Services of the catalog as one MCP server, whose tools are called `<service>_<tool>`: `group(["memory", "github"])`. */
export const group = <const Members extends readonly string[]>(members: Members): GroupServer<Members[number]> => ({
  kind: "group",
  members,
});

export const groupKind: GroupKind<GroupServer<string>> = {
  kind: "group",
  role: "group",
  fields: {
    members: {
      schema: z.readonly(z.array(z.string()).check(z.minLength(1))),
      expected: "a list of keys of the catalog, one at least",
    },
  },
  members: (server) => server.members,
};
