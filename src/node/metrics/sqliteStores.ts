import { SqliteStore } from "./sqliteStore.ts";

/** One reader for each store, whichever run asks for it, for as long as any run keeps it. */
export class SqliteStores {
  readonly #known = new Map<string, WeakRef<SqliteStore>>();

  open(path: string): SqliteStore {
    const store = this.#known.get(path)?.deref() ?? new SqliteStore(path);
    this.#known.set(path, new WeakRef(store));
    return store;
  }
}
