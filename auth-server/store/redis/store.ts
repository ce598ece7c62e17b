import type { RedisSettings } from "../../config.ts";
import type { Store } from "../store.ts";
export class RedisStore {
  static async open(_settings: RedisSettings, _tell: (text: string) => void): Promise<Store> {
    throw new Error("not here yet");
  }
}
