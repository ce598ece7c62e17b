/** All options of a gateway together, and how a person writes them. */
import { gatewayOptions, type Option, serverOptions, serviceOptions, sharedOptions } from "../config.ts";

/** Every option, by its key. */
export const allOptions: Readonly<Record<string, Option<unknown>>> = {
  ...serverOptions,
  ...serviceOptions,
  ...sharedOptions,
  ...gatewayOptions,
};

/** What only a gateway in a process of its own has. */
export const OF_PROCESS = ["logFormat", "stopWithParent"] as const;

/** How a person writes a value: a number or a text with a unit, true or false, one or some of several words, a list. */
type Written<Value> = Value extends boolean
  ? boolean
  : Value extends number | { readonly times: number; readonly per: number }
    ? number | string
    : Value extends readonly (infer Word extends string)[]
      ? (string extends Word ? never : Word) | readonly Word[]
      : Value;

/** The options of a table as they are written; each may be left out. */
export type WrittenOptions<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends Option<infer Value> ? Written<Value> : never;
};

/** A variable, and the one that names a file with its value. */
export const spellings = (name: string): readonly string[] =>
  name.endsWith("_FILE") ? [name] : [name, `${name}_FILE`];
