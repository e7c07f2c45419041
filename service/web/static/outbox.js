/* The outbox: keeps what was tapped until the service has it, without signal and over a reload; each entry is done once. */
import { newKey, post, upload, why } from "./ask.js";

const open = new Promise((done, failed) => {
  const asked = indexedDB.open("sanji", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("outbox", { keyPath: "key" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

async function store(mode, work) {
  const transaction = (await open).transaction("outbox", mode);
  const asked = work(transaction.objectStore("outbox"));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(asked.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

const put = one => store("readwrite", kept => kept.put(one));
export const all = async () => (await store("readonly", kept => kept.getAll())).sort((a, b) => a.at - b.at);
export const forget = key => store("readwrite", kept => kept.delete(key)).then(changed);

/* Each entry belongs to whoever made it, and is sent only while he is signed in. */
export const me = () => document.body.dataset.me;
export const mine = one => one.owner === me();
export const waits = one => !one.refused && !one.code;
export const waiting = async () => (await all()).filter(one => mine(one) && waits(one));

/* Adds an entry: { path, label, file } and what was `written`. Its idempotency key is made here, once. A report may have a photo. */
export async function add(one) {
  await put({ key: newKey(), ...one, owner: me(), at: Date.now() });
  changed();
}

const changed = () => dispatchEvent(new Event("outbox"));
let sending;

/* Has a page send what waits: now, when the signal is back, and 15 seconds after each try. */
export function untilSent(settle) {
  let next;
  addEventListener("online", settle);
  addEventListener("outbox-tried", () => (clearTimeout(next), (next = setTimeout(settle, 15000))));
  settle();
}

/* Sends what waits, oldest first, until there is no signal. `settled` is called for each; if it leaves the page it answers true, and the next page sends the rest. */
export function flush(settled) {
  sending ??= send(settled).finally(() => ((sending = undefined), dispatchEvent(new Event("outbox-tried"))));
  return sending;
}

const later = status => status >= 500 || status === 429 || status === 408;

async function send(settled) {
  for (let one; ([one] = await waiting()) && one; ) {
    try {
      if (await gone()) return void dispatchEvent(new Event("outbox-locked"));
      const answer = (one.file && !one.quoted && await attached(one)) || await post(one.path, one.body, one.key);
      if (answer.status === 401) return void dispatchEvent(new Event("outbox-locked"));
      if (later(answer.status)) return;
      if (answer.status < 300) await done(one, answer.body);
      else await put(Object.assign(one, { refused: why(answer, one.names ?? {}) }));
      if (settled(one, answer)) return;
    } catch {
      return;
    } finally {
      changed();
    }
  }
}

/* Whether the session is over, or is now somebody else's, who signed in in another tab. */
async function gone() {
  const answer = await fetch("/v1/me", { signal: AbortSignal.timeout(30000) });
  return answer.status === 401 || (answer.ok && (await answer.json()).id !== me());
}

/* Removes an entry that was done. Of a report the code stays until it is seen, and its photo becomes an entry of its own, in the same transaction. */
function done({ key, owner, at, label, photo }, { id, query_code: code }) {
  return store("readwrite", kept => {
    if (photo) kept.put({ key: `${key}-photo`, ...photo, owner, at, path: `/v1/cases/${id}/attach`, body: { kind: "photo" } });
    return code ? kept.put({ key, owner, at, label, id, code }) : kept.delete(key);
  });
}

/* Uploads the file and quotes it in the body. Answers only if the upload was refused. */
async function attached(one) {
  const answer = await upload(one.file);
  if (answer.status >= 300) return answer;
  if (one.body.proof) one.body.proof[0].sha256 = answer.body.sha256;
  else one.body.sha256 = answer.body.sha256;
  await put(Object.assign(one, { quoted: true }));
}
