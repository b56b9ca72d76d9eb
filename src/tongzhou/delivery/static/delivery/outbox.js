// The outbox: what was entered stays on this phone until the server has answered it.
// Keeps in IndexedDB, else in localStorage, else (private windows) as long as the page is open.

/**
 * @typedef {"waiting"|"done"|"duplicate"|"conflict"|"refused"|"needs_decision"} State
 * @typedef {{id: string, kind: string, at: string, token?: string, body: object, label: string,
 *   after?: string, state: State, answer?: any}} Entry  `after`: id of the entry to send first.
 * @typedef {{put: (entry: Entry) => Promise<void>, remove: (id: string) => Promise<void>,
 *   all: () => Promise<Entry[]>}} Store
 */

const NAME = "tongzhou-outbox";
const OPEN_LIMIT_MS = 3000;
const CALL_LIMIT_MS = 20000;
const CALL_BYTES = 1000000;
const CALL_COMMANDS = 50;
const FIRST_RETRY_MS = 3000;
const LAST_RETRY_MS = 60000;

/** A new command id: 128 random bits, also where the page is not served over TLS. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {Promise<Store>} */
export async function openStore() {
  try {
    return inDatabase(await openDatabase());
  } catch {
    return inStorage();
  }
}

/** The device's own name, made once. @returns {string} */
export function deviceName() {
  try {
    const known = localStorage.getItem(NAME + "-device");
    if (known) return known;
    const made = newId();
    localStorage.setItem(NAME + "-device", made);
    return made;
  } catch {
    return newId();
  }
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer")), OPEN_LIMIT_MS);
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

/** @param {IDBDatabase} db @returns {Store} */
function inDatabase(db) {
  const run = (mode, act) =>
    new Promise((resolve, reject) => {
      const change = db.transaction("entries", mode, { durability: "strict" });
      const request = act(change.objectStore("entries"));
      // Only a completed transaction is on disk; a successful request may still be lost.
      change.oncomplete = () => resolve(request.result);
      change.onabort = change.onerror = () => reject(change.error);
    });
  return {
    put: (entry) => run("readwrite", (rows) => rows.put(entry)),
    remove: (id) => run("readwrite", (rows) => rows.delete(id)),
    all: async () => (await run("readonly", (rows) => rows.getAll())).sort(byTime),
  };
}

/** @returns {Store} */
function inStorage() {
  let memory = "[]";
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(NAME) || memory);
    } catch {
      return JSON.parse(memory);
    }
  };
  const write = (entries) => {
    memory = JSON.stringify(entries);
    try {
      localStorage.setItem(NAME, memory);
    } catch {
      // Full or forbidden: the page has to stay open, and it says so.
    }
  };
  return {
    put: async (entry) => write([...read().filter((old) => old.id !== entry.id), entry]),
    remove: async (id) => write(read().filter((old) => old.id !== id)),
    all: async () => read().sort(byTime),
  };
}

const byTime = (a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);

/** Sends what waits, again and again, until the server has answered each entry once. */
export class Sender {
  /** @param {Store} store @param {string} url @param {(entries: Entry[]) => void} changed */
  constructor(store, url, changed) {
    Object.assign(this, { store, url, changed, wait: FIRST_RETRY_MS, busy: false, timer: 0 });
  }

  /** Show what is kept, send it now, and whenever there may be a way again. */
  async start() {
    // No event tells that only the server was away, so time and the eye on the page are the triggers.
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    this.changed(await this.store.all());
    await this.flush();
  }

  /** @param {Entry} entry */
  async add(entry) {
    await this.store.put(entry);
    this.changed(await this.store.all());
    this.hurry();
  }

  hurry() {
    this.wait = FIRST_RETRY_MS;
    void this.flush();
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      while (await this.sendSome());
      this.wait = FIRST_RETRY_MS;
    } catch {
      this.timer = setTimeout(() => this.flush(), this.wait);
      this.wait = Math.min(this.wait * 2, LAST_RETRY_MS);
    } finally {
      this.busy = false;
    }
  }

  /** One call's worth of entries. @returns {Promise<boolean>} whether it is worth going on */
  async sendSome() {
    const entries = await this.store.all();
    const batch = nextBatch(entries);
    if (!batch.length) return false;
    for (const result of await this.call(batch)) {
      const entry = batch.find((one) => one.id === result.id);
      if (entry) await this.store.put({ ...entry, state: result.status, answer: result.answer });
    }
    this.changed(await this.store.all());
    return true;
  }

  /** @param {Entry[]} batch */
  async call(batch) {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), CALL_LIMIT_MS);
    const commands = batch.map(({ id, kind, at, token, body }) => ({ id, kind, at, token, body }));
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ device: deviceName(), commands }),
        signal: stop.signal,
      });
      if (response.ok) return (await response.json()).results;
      if (response.status >= 500 || response.status === 429 || batch.length > 1) throw response;
      const { detail } = await response.json();
      return [{ id: batch[0].id, status: "refused", answer: { text: detail } }];
    } finally {
      clearTimeout(limit);
    }
  }
}

/** What can go now, in order, within the limits of one call. @param {Entry[]} entries */
function nextBatch(entries) {
  const state = new Map(entries.map((entry) => [entry.id, entry.state]));
  const batch = [];
  let bytes = 0;
  for (const entry of entries) {
    if (entry.state !== "waiting" || (entry.after && state.get(entry.after) === "waiting")) continue;
    bytes += JSON.stringify(entry.body).length + 300;
    if (batch.length && (bytes > CALL_BYTES || batch.length >= CALL_COMMANDS)) break;
    batch.push(entry);
  }
  return batch;
}
