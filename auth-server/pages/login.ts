/** The pages on which somebody says who they are. */
import { element, type Child } from "../../gateways/page/view/markup.ts";
import type { Page } from "./document.ts";
import { button, field, form, problem, type FormFrame } from "./form.ts";
import { strong, type ClientWords } from "./words.ts";

/** What the login page shows. */
export interface LoginPage extends FormFrame {
  /** Who has sent the browser here. */
  readonly client: ClientWords;
  /** What was typed before. */
  readonly name?: string | undefined;
  /** Why it has failed; undefined = it was not tried yet. */
  readonly failed?: string | undefined;
  /** Whether there are accounts of our own. */
  readonly hasAccounts: boolean;
  /** Another login, and the way to it. */
  readonly upstream?: { readonly called: string; readonly href: string } | undefined;
  readonly formTargets: readonly string[];
}

export const loginPage = (page: LoginPage): Page => ({
  title: "Log in",
  formTargets: page.formTargets,
  content: [
    element("h1", {}, "Log in"),
    element("p", { class: "lead" }, strong(page.client.name), " asks for access. Log in to go on."),
    problem(page.failed),
    page.hasAccounts ? element("div", { class: "card" }, passwordForm(page)) : undefined,
    page.upstream && elsewhere(page.upstream, page.hasAccounts),
    form(page, element("div", { class: "actions" }, button("Cancel", "cancel"))),
  ],
});

const passwordForm = (page: LoginPage): Child =>
  form(
    page,
    field({
      name: "name",
      label: "E-mail address or name",
      value: page.name,
      autocomplete: "username",
      first: page.name === undefined,
    }),
    field({
      name: "password",
      label: "Password",
      type: "password",
      autocomplete: "current-password",
      first: page.name !== undefined,
    }),
    element("div", { class: "actions" }, button("Log in", "password", true)),
  );

const elsewhere = ({ called, href }: { called: string; href: string }, isSecond: boolean): Child =>
  element(
    "p",
    {},
    isSecond ? "Or " : undefined,
    element("a", { href }, `${isSecond ? "log" : "Log"} in with ${called}`),
  );

/** What the page of one-time codes shows. */
export interface TotpPage extends FormFrame {
  readonly failed?: string | undefined;
  readonly formTargets: readonly string[];
}

export const totpPage = (page: TotpPage): Page => ({
  title: "Your code",
  formTargets: page.formTargets,
  content: [
    element("h1", {}, "Your code"),
    problem(page.failed),
    element(
      "div",
      { class: "card" },
      form(
        page,
        field({
          name: "code",
          label: "Code of your authenticator app",
          autocomplete: "one-time-code",
          help: "Six digits. If you have lost the app, type one of your recovery codes.",
          first: true,
        }),
        element("div", { class: "actions" }, button("Go on", "totp", true)),
      ),
    ),
    form(page, element("div", { class: "actions" }, button("Start again", "restart"))),
  ],
});
