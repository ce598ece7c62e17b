/** What the builders may be given: exact versions, real addresses, commands that can be run. */
import { z } from "zod";
import type { Server } from "../entry.ts";

interface Rule {
  readonly expected: string;
  readonly schema: z.ZodType;
}

const exact = String.raw`\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?`;
const npmPackage = new RegExp(String.raw`^(@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*@${exact}$`);
const pypiPackage = /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?(\[[\w,-]+\])?==[A-Za-z0-9][\w.!+-]*$/;
// A registry may have a port: the tag is what follows the last colon behind the last slash.
const imageRef = /^([\w.-]+(:\d+)?\/)?([\w.-]+\/)*[\w.-]+(:(?!latest$)\w[\w.-]*|(:[\w.-]+)?@sha256:[0-9a-f]{64})$/;

const args = { expected: "a list of texts", schema: z.array(z.string()) };
const command = {
  expected: "a list of texts: the program, then its arguments",
  schema: z.array(z.string()).refine(([program]) => Boolean(program)),
};
const image = {
  expected: 'an image at a tag other than "latest", as in "owner/name:v1.2.3"',
  schema: z.string().regex(imageRef),
};
const url = { expected: "an http:// or https:// address", schema: z.url({ protocol: /^https?$/, hostname: /./ }) };

/** The fields of each kind of server. */
export const servers: Readonly<Record<Server["kind"], Readonly<Record<string, Rule>>>> = {
  npm: { package: { expected: 'an exact version, as in "pkg@1.2.3"', schema: z.string().regex(npmPackage) }, args },
  pypi: { package: { expected: 'an exact version, as in "pkg==1.2.3"', schema: z.string().regex(pypiPackage) }, args },
  command: { command },
  image: { image, command },
  app: { image },
  http: { url },
  sse: { url },
};
