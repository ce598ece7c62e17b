/** The pages of a link with which a user sets a password. */
import { element, type Child, type Element } from "../../gateways/page/view/markup.ts";
import type { Page } from "./document.ts";
import { button, field, form, problem, type FormFrame } from "./form.ts";

/** What the page shows. */
export interface SetPasswordPage extends FormFrame {
  readonly user: string;
  readonly shortest: number;
  readonly failed?: string | undefined;
  /** What the authenticator app needs, where one is asked for. */
  readonly totp?: { readonly secret: string; readonly qr: Element } | undefined;
}

export const setPasswordPage = (page: SetPasswordPage): Page => ({
  title: "Set a password",
  content: [
    element("h1", {}, "Set a password"),
    element("p", { class: "lead" }, "For ", element("strong", {}, page.user), "."),
    problem(page.failed),
    element(
      "div",
      { class: "card" },
      form(
        page,
        // A password manager keeps the password with the name that it is for.
        element("input", { type: "hidden", name: "username", value: page.user, autocomplete: "username" }),
        passwordField(
          "password",
          "New password",
          `At least ${page.shortest} characters. Several words are good.`,
          true,
        ),
        passwordField("again", "The same again"),
        page.totp && appFields(page.totp),
        element("div", { class: "actions" }, button("Set the password", "set", true)),
      ),
    ),
  ],
});

const passwordField = (name: string, label: string, help?: string, first = false): Child =>
  field({ name, label, type: "password", autocomplete: "new-password", first, ...(help && { help }) });

const appFields = ({ secret, qr }: { secret: string; qr: Element }): Child => [
  element("h2", {}, "Your authenticator app"),
  element("p", {}, "Scan this code with the app, or type the key into it. Then type the six digits that it shows."),
  qr,
  element("p", {}, "Key: ", element("code", {}, (secret.match(/.{4}/g) ?? []).join(" "))),
  field({ name: "code", label: "Code of the app", autocomplete: "one-time-code", inputmode: "numeric" }),
];

/** The password is set; the recovery codes are shown this once. */
export const passwordSetPage = (recoveryCodes: readonly string[]): Page => ({
  title: "The password is set",
  content: [
    element("h1", {}, "The password is set"),
    element("p", {}, "Return to your client and log in."),
    recoveryCodes.length === 0 ? undefined : codesCard(recoveryCodes),
  ],
});

const codesCard = (codes: readonly string[]): Child =>
  element(
    "div",
    { class: "card stack" },
    element("h2", {}, "Recovery codes"),
    element("p", {}, "Keep these. Each one replaces the app for one login. They are not shown again."),
    element(
      "ul",
      { class: "codes" },
      codes.map((code) => element("li", {}, element("code", {}, code))),
    ),
  );
