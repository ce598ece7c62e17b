/** Which member of a group has a resource: the one that has listed it, or whose template it fits. */
import type { MemberLink } from "./member-link.ts";

/** How many URIs and templates are remembered. */
const MOST = 20_000;

/** Whose resources are whose, for one client. */
export class ResourceOwners {
  readonly #uris = new Map<string, MemberLink>();
  readonly #templates = new Map<string, MemberLink>();

  /** A member has listed a resource. Of several members that list the same one, the first has it. */
  resource(uri: string, link: MemberLink): void {
    learn(this.#uris, uri, link);
  }

  template(template: string, link: MemberLink): void {
    learn(this.#templates, template, link);
  }

  /** What a member has listed counts no longer. */
  forget(link: MemberLink): void {
    for (const known of [this.#uris, this.#templates])
      for (const [key, owner] of known) if (owner === link) known.delete(key);
  }

  /** Whose a URI, or a template as it was listed, is; undefined = nobody has listed it. */
  of(uri: string): MemberLink | undefined {
    const listed = this.#uris.get(uri) ?? this.#templates.get(uri);
    if (listed) return listed;
    for (const [template, link] of this.#templates) if (fits(uri, template)) return link;
    return undefined;
  }
}

function learn(known: Map<string, MemberLink>, key: string, link: MemberLink): void {
  if (known.size < MOST && !known.has(key)) known.set(key, link);
}

/** Whether a URI can come of a template (RFC 6570), whatever stands for its expressions. Linear: a server writes both. */
export function fits(uri: string, template: string): boolean {
  const [first = "", ...others] = template.split(/\{[^{}]*\}/);
  if (!uri.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return uri === template;
  let at = first.length;
  for (const literal of others) {
    const found = uri.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return uri.length - last.length >= at && uri.endsWith(last);
}
