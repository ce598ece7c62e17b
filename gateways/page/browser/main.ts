/** The script of the page. What it adds to what the server wrote: changes as they happen, forms to try tools, copy buttons. */
import { announce, offerCopying } from "./copy.ts";
import { Live } from "./live.ts";
import { offerTry } from "./try.ts";

document.documentElement.classList.add("script");
// The browser paints what it has read first: a timer that a frame sets runs when that frame is drawn. A tab behind others has none.
if (document.hidden) begin();
else requestAnimationFrame(() => setTimeout(begin));

function begin(): void {
  offerCopying();
  if (!document.querySelector(".service")) return;
  const live = new Live();
  live.start();
  // `toggle` does not bubble.
  document.addEventListener("toggle", ({ target }) => void offer(target as HTMLElement, live), true);
}

/** A form is made when its tool is opened first. */
async function offer(opened: HTMLElement, live: Live): Promise<void> {
  const { service, tool: name } = opened.dataset;
  const place = opened.querySelector(":scope > .inside > .try");
  if (!place || service === undefined || name === undefined || place.classList.contains("offered")) return;
  const tool = await live.tool(service, name);
  if (tool === undefined) return announce(`${name} cannot be tried now.`);
  if (place.classList.contains("offered")) return;
  place.classList.add("offered");
  offerTry(place, service, tool);
}
