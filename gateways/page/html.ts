/** What our pages for browsers have in common: they load nothing, need no script, and fit on a phone. */
import { createHash } from "node:crypto";

/** The colours are those of the reader's own setting, light or dark. */
const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
  h1 { font-size: 1.6rem; margin-bottom: .5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  .up { color: light-dark(#186a3b, #6fcf97); } .needs, .starting { color: light-dark(#7a5c00, #f2c94c); }
  .failed { color: light-dark(#a8201a, #ff8a80); }
  a { color: light-dark(#0b57d0, #a8c7fa); }
  code { font-size: .9em; }
  pre { padding: .75rem; white-space: pre-wrap; border-radius: .4rem; background: color-mix(in srgb, currentColor 8%, transparent); }
  .unit { display: none; }
  @media (max-width: 40rem) {
    .unit { display: inline; }
    thead { display: none; }
    tr { display: block; padding: .5rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
    td { display: block; border: 0; padding: .1rem 0; } td:empty { display: none; }
  }`;

/** What a page may load and run: nothing but its own style. */
export const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${createHash("sha256").update(`${STYLE}\n`).digest("base64")}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;

/** A page that brings its own icon is not asked for one. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%230b57d0'/%3E%3Cpath d='M3 8h10M9 4l4 4-4 4' stroke='%23fff' stroke-width='2' fill='none'/%3E%3C/svg%3E";

/** One page. */
export interface Page {
  /** Plain text. */
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Seconds after which the browser loads it again. @default never: that would undo what the reader has selected */
  readonly reload?: number | undefined;
}

/** The page as HTML. */
export const htmlOf = ({ title, body, reload }: Page): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${reload === undefined ? "" : `<meta http-equiv="refresh" content="${reload}">\n`}<link rel="icon" href="${ICON}">
<title>${escape(title)}</title>
<style>${STYLE}
</style>
${body}
</html>
`;

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as HTML shows it. */
export const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char]!);
