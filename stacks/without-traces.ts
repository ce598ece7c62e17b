/** Runs what makes the stacks without a note of where in the code each value was made. */

/**
 * With every value that Terraform fills in, cdktf keeps the whole stack of calls that made it, as text: a quarter of what a synth of
 * hundreds of services takes. Nobody is shown it: a synth that fails says what is wrong. Errors have no stack meanwhile.
 */
export async function withoutTraces<T>(work: () => Promise<T>): Promise<T> {
  const property = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")!;
  // cdktf sets the limit itself. V8 takes no stack where it is no plain number.
  Object.defineProperty(Error, "stackTraceLimit", { ...ignored, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(Error, "stackTraceLimit", property);
  }
}

const ignored: PropertyDescriptor = { get: () => 0, set: () => {} };
