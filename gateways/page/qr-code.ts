/** A text as a QR code. */
import { element, type Element } from "./view/markup.ts";

/** The code as a drawing: dark on light in every colour scheme, as cameras want it, with the margin that the standard asks for. */
export async function qrCode(text: string): Promise<Element> {
  const { encode } = await import("uqr"); // most pages need none
  const { data, size } = encode(text, { border: 4 });
  const runs = data.map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")).join(""));
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
