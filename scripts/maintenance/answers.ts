/** What callers and visitors are told while maintenance is on. */
import type { answer } from "../kit/maintenance.ts";
import type * as z from "zod/mini";

/** Both answers: programs get JSON, browsers a page. */
export interface Answers {
  readonly json: string;
  readonly page: string;
}

/** @param message a sentence for them @default - they are told to try again later */
export function answersFor(message: string | undefined, since: Date): Answers {
  const said = message ?? "The service is down for maintenance.";
  const document: z.infer<typeof answer> = {
    jsonrpc: "2.0",
    id: null,
    error: {
      code: -32000,
      message: `${said} The call has not run. Try again later.`,
      data: { error: "maintenance", since: since.toISOString(), ...(message !== undefined && { message }) },
    },
  };
  return { json: JSON.stringify(document), page: pageWith(said) };
}

const pageWith = (said: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Maintenance</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1rem}</style>
<h1>Maintenance</h1>
<p>${escaped(said)}</p>
<p>Please try again later.</p>
</html>
`;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);
