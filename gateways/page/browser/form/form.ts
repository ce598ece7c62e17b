/** A form for the arguments of a tool, made from its JSON Schema. */
import { eitherControl, listControl, objectControl, onDemand } from "./compound.ts";
import type { Control, Maker, Place } from "./control.ts";
import { fieldOf, type Field } from "./fields.ts";
import { booleanControl, choiceControl, jsonControl, nullControl, numberControl, textControl } from "./simple.ts";
import type { Fields } from "./values.ts";

/** Fields of one form at most: more would be slow, and nobody would fill them in. What is beyond is one field of JSON. */
const ROOM = 300;
/** Levels that are drawn by themselves; deeper ones when the reader asks for them. */
const DEPTH = 4;

/** What a form gives: the arguments, or the fields that are wrong, in their order. */
export type Read = { readonly arguments: Fields } | { readonly wrong: readonly HTMLElement[] };

/** The form of one tool. */
export class Form {
  readonly node: HTMLElement;
  readonly #control: Control;

  /** @param initial the arguments to begin with; undefined = the defaults of the schema */
  constructor(schema: unknown, initial?: Fields) {
    const drawing = new Drawing(schema);
    this.#control = drawing.make(schema, { name: "Arguments", required: true }, initial);
    this.node = this.#control.node;
  }

  /** The arguments, without the optional ones that were left out. What is wrong is shown beside its field. */
  read(): Read {
    const wrong: HTMLElement[] = [];
    const value = this.#control.read(wrong);
    return wrong.length > 0 ? { wrong } : { arguments: value as Fields };
  }
}

/** Draws the fields of a schema, within its limits. */
class Drawing implements Maker {
  readonly #root: unknown;
  #room = ROOM;
  #depth = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  hasRoomFor(count: number): boolean {
    return this.#room >= count;
  }

  make(schema: unknown, place: Place, initial?: unknown): Control {
    const its = fieldOf(schema, this.#root);
    const field = initial === undefined ? its : { ...its, initial };
    const draw = (depth: number) => () => this.#at(depth, () => this.#draw(field, place));
    const isWanted = place.required || field.initial !== undefined || !isFolded.has(field.kind);
    if (!isCompound.has(field.kind) || (isWanted && this.#depth < DEPTH)) return draw(this.#depth + 1)();
    return onDemand(place.name, field.description, place.required, draw(1));
  }

  #at(depth: number, draw: () => Control): Control {
    const before = this.#depth;
    this.#depth = depth;
    try {
      return draw();
    } finally {
      this.#depth = before;
    }
  }

  #draw(field: Field, place: Place): Control {
    this.#room--;
    const parts = field.kind === "object" ? field.properties.length : 0;
    if (!this.hasRoomFor(parts)) return jsonControl({ ...field, kind: "json" }, place);
    switch (field.kind) {
      case "text":
        return textControl(field, place);
      case "number":
        return numberControl(field, place);
      case "boolean":
        return booleanControl(field, place);
      case "choice":
        return choiceControl(field, place);
      case "either":
        return eitherControl(field, place, this);
      case "object":
        return objectControl(field, place, this);
      case "list":
        return listControl(field, place, this);
      case "null":
        return nullControl();
      case "json":
        return jsonControl(field, place);
    }
  }
}

/** Fields with fields in them, and those of them that are not drawn before they are wanted. */
const isCompound = new Set(["object", "list", "either"]);
const isFolded = new Set(["object", "list"]);
