/** Colours for a terminal, and none for anything else. */

/** What we show in colours: https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters. */
const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

export type Colour = keyof typeof CODES;

/** Gives a text its colour, where colours are shown. */
export type Paint = (colour: Colour, text: string) => string;

/** Whether colours are shown on a stream: NO_COLOR (no-color.org) and FORCE_COLOR win over what the stream is. */
export function showsColours({ isTTY }: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env["NO_COLOR"]) return false;
  const { FORCE_COLOR: forced } = env;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTTY === true && env["TERM"] !== "dumb";
}

/** Paints for this stream. */
export const paintFor = (stream: { readonly isTTY?: boolean }, env?: NodeJS.ProcessEnv): Paint =>
  showsColours(stream, env) ? painted : plain;

export const plain: Paint = (_, text) => text;

export const painted: Paint = (colour, text) => {
  const [on, off] = CODES[colour];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};
