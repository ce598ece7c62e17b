/** The page on which a user lets a client in, or not. */
import { element, type Child } from "../../gateways/page/view/markup.ts";
import type { Page } from "./document.ts";
import { button, form, type FormFrame } from "./form.ts";
import { scopeWords, strong, type ClientWords } from "./words.ts";

/** What the consent page shows. */
export interface ConsentPage extends FormFrame {
  readonly client: ClientWords;
  readonly user: string;
  /** Services by name, with their URLs. */
  readonly services: readonly { readonly name: string; readonly url: string }[];
  readonly scopes: readonly string[];
  /** Whether the user has allowed the same before. */
  readonly isKnown: boolean;
  readonly formTargets: readonly string[];
}

export const consentPage = (page: ConsentPage): Page => ({
  title: "Allow access",
  formTargets: page.formTargets,
  content: [
    element("h1", {}, "Allow access?"),
    element(
      "p",
      { class: "lead" },
      strong(page.client.name),
      " asks to use ",
      servicesOf(page),
      " as ",
      strong(page.user),
      ".",
    ),
    page.client.isOnlyLocal ? warning() : undefined,
    element(
      "div",
      { class: "card stack" },
      element("h2", {}, "It may"),
      element(
        "ul",
        { class: "grants" },
        page.scopes.map((scope) => element("li", {}, scopeWords(scope))),
      ),
      element("dl", {}, identityOf(page.client), destinationOf(page.client), page.services.map(urlOf)),
    ),
    page.isKnown ? element("p", { class: "muted" }, "You have allowed this before.") : undefined,
    form(page, element("div", { class: "actions" }, button("Allow", "allow", true), button("Deny", "deny"))),
    form(page, element("p", { class: "muted" }, "Not you? ", button("Log in as somebody else", "switch"))),
  ],
});

const servicesOf = ({ services }: ConsentPage): Child =>
  services.map(({ name }, at) => [at === 0 ? "" : at === services.length - 1 ? " and " : ", ", strong(name)]);

/** RFC 8252, section 8.6: whoever runs a program here may call it whatever they like. */
const warning = (): Child =>
  element(
    "p",
    { class: "problem needs" },
    element("strong", {}, "This client runs on your computer. "),
    "Any program there can call itself this. Allow it only if you have just started the login yourself.",
  );

const identityOf = ({ host }: ClientWords): Child =>
  host === undefined
    ? fact("Client", "registered itself, not verified")
    : fact("Client", ["published by ", element("code", {}, host)]);

const destinationOf = ({ redirect: { shown, kind } }: ClientWords): Child =>
  fact("The answer goes to", [
    element("code", {}, shown),
    kind === "loopback" ? ", a program on your computer" : kind === "app" ? ", an app on your device" : undefined,
  ]);

const urlOf = ({ name, url }: { name: string; url: string }): Child => fact(name, element("code", {}, url));

const fact = (name: string, value: Child): Child =>
  element("div", {}, element("dt", {}, name), element("dd", {}, value));
