/** What several builders take. */
import * as z from "zod/mini";
import type { Rule } from "../rule.ts";

// A registry may have a port: the tag is what follows the last colon after the last slash.
const imageRef = /^([\w.-]+(:\d+)?\/)?([\w.-]+\/)*[\w.-]+(:(?!latest$)\w[\w.-]*|(:[\w.-]+)?@sha256:[0-9a-f]{64})$/;

/** Arguments of a program. */
export const args: Rule = { schema: z.array(z.string()), expected: "a list of texts" };

/** A whole command line. */
export const words = {
  schema: z.readonly(z.array(z.string()).check(z.refine(([program]) => Boolean(program)))),
  expected: "a list of texts: the program, then its arguments",
} satisfies Rule;

/** An image that does not change under its name. */
export const image: Rule = {
  schema: z.string().check(z.regex(imageRef)),
  expected: 'an image at a tag other than "latest", as in "owner/name:v1.2.3"',
};

/** The tag of such an image, or its digest. */
export const imageVersion = (ref: string): string | undefined => /(?:@sha256)?:([^:/]+)$/.exec(ref)?.[1];

/** The address of a server. */
export const url: Rule = {
  schema: z.url({ protocol: /^https?$/, hostname: /./ }),
  expected: "an http:// or https:// address",
};
