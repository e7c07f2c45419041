/* The outbox: what was tapped is kept here until the service has it, without signal and over a reload, and counts once. */
import { newKey, post, upload } from "./ask.js";

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
const forget = key => store("readwrite", kept => kept.delete(key));
export const waiting = async () => (await store("readonly", kept => kept.getAll())).sort((a, b) => a.at - b.at);

/* Keeps one thing to be asked. Its key is made here, once, so however often it is sent it is done once. */
export async function add(path, body, label, file) {
  await put({ key: newKey(), path, body, label, file, at: Date.now() });
  changed();
}

const changed = () => dispatchEvent(new Event("outbox"));
let sending;

/* Sends what waits, oldest first; stops where there is no signal. `told` hears of each that was settled. */
export function flush(told) {
  sending ??= send(told).finally(() => (sending = undefined));
  return sending;
}

async function send(told) {
  for (let one; ([one] = await waiting()) && one; ) {
    try {
      if (one.file) {
        one.body.proof[0].sha256 = await upload(one.file);
        delete one.file;
        await put(one);
      }
      const answer = await post(one.path, one.body, one.key);
      if (answer.status >= 500 || answer.status === 429 || answer.status === 401) return;
      await forget(one.key);
      told(one, answer);
    } catch {
      return;
    } finally {
      changed();
    }
  }
}
