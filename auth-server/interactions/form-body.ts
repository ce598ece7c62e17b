/** Reads what a form sends. */
import type { IncomingMessage } from "node:http";
import { partsOf } from "../http.ts";
import { forged, PageRefusal } from "./refusal.ts";

/** Bytes of a form: a password and a few words. */
const LONGEST = 16 * 1_024;

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** The fields of a form that a page of `origin` has sent. @throws PageRefusal */
export async function readForm(req: IncomingMessage, origin: string): Promise<URLSearchParams> {
  requireOrigin(req, origin);
  if (!FORM.test(req.headers["content-type"] ?? ""))
    throw wrongForm(415, "It must be application/x-www-form-urlencoded.");
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of partsOf<Buffer>(req)) {
    length += part.length;
    if (length > LONGEST) throw wrongForm(413, `It may have ${LONGEST} bytes.`);
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString("utf8"));
}

/** Browsers say where a form was sent from. What says nothing is judged by its proof alone. */
function requireOrigin({ headers }: IncomingMessage, origin: string): void {
  const site = headers["sec-fetch-site"];
  const isElsewhere = headers.origin !== undefined && headers.origin !== origin;
  if (isElsewhere || (site !== undefined && site !== "same-origin")) throw forged();
}

const wrongForm = (status: number, text: string) =>
  new PageRefusal(status, { title: "This form cannot be read", text });
