/** Pages that only say what has failed. */
import { element } from "../../gateways/page/view/markup.ts";
import { printable } from "../../gateways/printable.ts";
import type { Page } from "./document.ts";

/** What has failed. */
export interface Failure {
  readonly title: string;
  /** What happened, and what to do about it. */
  readonly text: string;
  /** The error code of the RFC. */
  readonly code?: string | undefined;
  /** By which the operator finds it in the log. */
  readonly flow?: string | undefined;
}

export const failurePage = ({ title, text, code, flow }: Failure): Page => ({
  title,
  content: [
    element("h1", {}, title),
    element("p", { class: "problem failed" }, printable(text, { limit: 500 })),
    code === undefined && flow === undefined
      ? undefined
      : element(
          "p",
          { class: "muted" },
          "For whoever runs this server: ",
          element("code", {}, printable([code, flow].filter(Boolean).join(" "), { limit: 120 })),
        ),
  ],
});
