/** The stacks, each after those that it depends on. */
export const stackNames = ["local", "edge", "services"] as const;
