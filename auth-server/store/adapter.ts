/** The records of oidc-provider: codes, tokens, sessions, interactions, grants. Of a bearer secret only the digest is kept. */
import { hash } from "node:crypto";
import { errors, type Adapter, type AdapterPayload } from "oidc-provider";
import type { FoundRecord } from "./contract/records.ts";
import type { Store } from "./store.ts";

/** Seconds in which a refresh token may be used again: clients refresh in parallel, from several addresses. */
export const REUSE_GRACE = 120;

/** Their ids are names that are logged; the ids of all others open something. */
const NAMED = new Set(["Grant", "Client"]);

/** Stands for the id in a payload at rest. JSON writes this character as an escape, so nothing else can be it. */
const HIDDEN = "\u0001";

/** The records of one model. */
export class RecordAdapter implements Adapter {
  readonly #store: Pick<Store, "records" | "grants">;
  readonly #model: string;

  constructor(store: Pick<Store, "records" | "grants">, model: string) {
    this.#store = store;
    this.#model = model;
  }

  /** @throws InvalidGrant for a token whose grant has been revoked meanwhile, perhaps by another process */
  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const record = {
      payload: this.#written(id, payload),
      grantId: payload.grantId,
      uid: payload.uid,
      expires: expiresIn ? Date.now() / 1_000 + expiresIn : undefined,
    };
    const isKept = await this.#store.records.save(this.#model, this.#key(id), record);
    if (!isKept) throw new errors.InvalidGrant("the grant has been revoked");
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.#store.records.find(this.#model, this.#key(id));
    return found && this.#read(found, id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const found = await this.#store.records.findByUid(this.#model, uid);
    return found && this.#read(found, "");
  }

  async findByUserCode(): Promise<undefined> {}

  /**
   * Marks it as used. A code is used once, whichever process takes it; a refresh token keeps the time of its first use.
   * @throws InvalidGrant for a code that somebody else has just used
   */
  async consume(id: string): Promise<void> {
    const isFirst = await this.#store.records.consume(this.#model, this.#key(id), Date.now() / 1_000);
    if (!isFirst && this.#model !== "RefreshToken") throw new errors.InvalidGrant("used already");
  }

  /**
   * @throws SessionNotFound for a login that somebody else has just finished: oidc-provider forgets it before it gives a code, and
   * looked for it earlier
   */
  async destroy(id: string): Promise<void> {
    if (this.#model === "Grant") return void (await this.#store.grants.end(id));
    const wasThere = await this.#store.records.remove(this.#model, this.#key(id));
    if (!wasThere && this.#model === "Interaction") throw new errors.SessionNotFound("the login is over already");
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#store.records.removeOfGrant(this.#model, grantId);
  }

  #key(id: string): string {
    return NAMED.has(this.#model) ? id : hash("sha256", id);
  }

  /** An interaction knows the session's cookie, which nothing needs. */
  #written(id: string, payload: AdapterPayload): string {
    const { session, ...rest } = payload as AdapterPayload & { session?: { cookie?: string } };
    const kept = session === undefined ? undefined : { ...session, cookie: undefined };
    const text = JSON.stringify(kept === undefined ? rest : { ...rest, session: kept });
    return NAMED.has(this.#model) ? text : text.replaceAll(id, HIDDEN);
  }

  #read({ payload, consumed }: FoundRecord, id: string): AdapterPayload {
    const found = JSON.parse(payload.replaceAll(HIDDEN, id)) as AdapterPayload;
    return consumed === undefined || this.#isInGrace(consumed) ? found : { ...found, consumed };
  }

  #isInGrace(consumed: number): boolean {
    return this.#model === "RefreshToken" && Date.now() / 1_000 - consumed < REUSE_GRACE;
  }
}
