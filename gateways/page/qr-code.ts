/** A text as a QR code. */
import { element, type Element } from "./view/markup.ts";

/** The code as a drawing: dark on light in every colour scheme, as cameras want it, with the margin that the standard asks for. */
export async function qrCode(text: string): Promise<Element> {
  const { encode } = await import("uqr"); // most pages need none
  const { data, size } = encode(text, { border: 4 });
  const rows = data.map((row) => row.map((isDark) => (isDark ? "#" : " ")).join(""));
  const runs = rows.flatMap((row, y) =>
    Array.from(row.matchAll(/#+/g), ({ 0: { length }, index }) => `M${index} ${y}h${length}v1h-${length}z`),
  );
  return element(
    "svg",
    {
      class: "qr",
      role: "img",
      viewBox: `0 0 ${size} ${size}`,
      "aria-label": `QR code of ${text}`,
      "shape-rendering": "crispEdges",
    },
    element("path", { d: runs.join("") }),
  );
}
