/** Which member of a group has a resource: the one that has listed it, or whose template it fits. */
import { Learned } from "./learned.ts";
import type { MemberLink } from "./member-link.ts";

/** Whose resources are whose, for one client. */
export class ResourceOwners {
  readonly #uris = new Learned<MemberLink>();
  readonly #templates = new Learned<MemberLink>();

  /** What is held. */
  get bytes(): number {
    return this.#uris.bytes + this.#templates.bytes;
  }

  /** A member has listed a resource. Of several members that list the same one, the first has it. */
  resource(uri: string, link: MemberLink): void {
    this.#uris.learn(uri, link);
  }

  template(template: string, link: MemberLink): void {
    this.#templates.learn(template, link);
  }

  /** What a member has listed counts no longer. */
  forget(link: MemberLink): void {
    for (const known of [this.#uris, this.#templates]) known.forget((owner) => owner === link);
  }

  /** Whose a URI, or a template as it was listed, is; undefined = nobody has listed it. */
  of(uri: string): MemberLink | undefined {
    const listed = this.#uris.get(uri) ?? this.#templates.get(uri);
    if (listed) return listed;
    for (const [template, link] of this.#templates) if (fits(uri, template)) return link;
    return undefined;
  }
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
