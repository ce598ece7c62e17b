/**
 * Which member of a group has a resource: the first, in the group's order, that lists it; where none does, the first whose
 * template it fits. So it does not depend on who lists first, or on which pages have been read: an answer counts once the
 * lists of all members that could come before have been read.
 */
import { Learned } from "./learned.ts";
import type { MemberLink } from "./member-link.ts";

/** Whose resources are whose, for one client. */
export class ResourceOwners {
  readonly #uris = new Learned<MemberLink>();
  readonly #templates = new Learned<MemberLink>();
  readonly #order: readonly MemberLink[];
  /** Members whose whole lists have been read, by what they list. */
  readonly #read = { uris: new Set<MemberLink>(), templates: new Set<MemberLink>() };

  /** @param order the members as the group has them */
  constructor(order: readonly MemberLink[]) {
    this.#order = order;
  }

  /** What is held. */
  get bytes(): number {
    return this.#uris.bytes + this.#templates.bytes;
  }

  /** A member has listed a resource. */
  resource(uri: string, link: MemberLink): void {
    this.#uris.learn(uri, link, { isBetter: this.#isBefore });
  }

  template(template: string, link: MemberLink): void {
    this.#templates.learn(template, link, { isBetter: this.#isBefore });
  }

  /** All that a member lists of a kind has been read. */
  whole(kind: "uris" | "templates", link: MemberLink): void {
    this.#read[kind].add(link);
  }

  /** The members whose lists of a kind have not all been read. */
  unread(kind: "uris" | "templates"): MemberLink[] {
    return this.#order.filter((link) => !this.#read[kind].has(link));
  }

  /** What a member has listed counts no longer. */
  forget(link: MemberLink): void {
    for (const known of [this.#uris, this.#templates]) known.forget((owner) => owner === link);
    for (const read of [this.#read.uris, this.#read.templates]) read.delete(link);
  }

  /** Whose a URI, or a template as it was listed, is by what has been read; undefined = nobody has listed it. */
  of(uri: string): MemberLink | undefined {
    return this.#uris.get(uri) ?? this.#byTemplate(uri);
  }

  /** The same, if no list that has not been read could change it. @param isUp whether a member can be asked */
  certain(uri: string, isUp: (link: MemberLink) => boolean): MemberLink | undefined {
    const listed = this.#uris.get(uri);
    const unread = (kind: "uris" | "templates") => this.unread(kind).filter(isUp);
    if (listed) return unread("uris").some((link) => this.#isBefore(link, listed)) ? undefined : listed;
    const fitting = unread("uris").length === 0 ? this.#byTemplate(uri) : undefined;
    return fitting && !unread("templates").some((link) => this.#isBefore(link, fitting)) ? fitting : undefined;
  }

  #byTemplate(uri: string): MemberLink | undefined {
    let first = this.#templates.get(uri);
    for (const [template, link] of this.#templates)
      if ((!first || this.#isBefore(link, first)) && fits(uri, template)) first = link;
    return first;
  }

  readonly #isBefore = (one: MemberLink, other: MemberLink): boolean =>
    this.#order.indexOf(one) < this.#order.indexOf(other);
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
