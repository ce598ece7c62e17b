/** Clients that have registered themselves, as oidc-provider finds them. Those with a metadata document are not kept here. */
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Clients } from "../store/contract/clients.ts";

/** register.ts adds them. */
export class ClientAdapter implements Adapter {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const client = await this.#clients.find(id);
    return client && { ...client.metadata, client_id: id };
  }

  async upsert(): Promise<never> {
    throw new Error("clients are added by register.ts");
  }

  async destroy(id: string): Promise<void> {
    await this.#clients.remove(id);
  }

  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async consume(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}
