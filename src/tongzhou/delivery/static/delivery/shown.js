// What the receive page and the stop list both say and check.

// Taken before any script changes it: the page is kept as it came and does not travel twice.
const asLoaded = "<!doctype html>\n" + document.documentElement.outerHTML;

export const SHAPE = { waiting: "going", done: "done", duplicate: "done", needs_decision: "warn" };

/** The sentence about a count that cannot be, or nothing. The server asks the same.
 * @param {{arrived: string, counts?: {good: number, damaged: number, wrong: number}[]}} body
 * @param {{units: number}[]} items @param {HTMLInputElement[]} good */
export function wrongCount({ arrived, counts }, items, good, texts) {
  if (!arrived) return texts.choose;
  if (arrived === "all") return "";
  if (good.some((input) => input.value === "" || !input.validity.valid)) return texts.count;
  const some = (test) => counts.some((one, n) => test(one, items[n].units));
  const fits = {
    fewer: () => some((one, sent) => one.good + one.damaged < sent),
    more: () => some((one, sent) => one.good + one.damaged > sent),
    damaged: () => some((one) => one.damaged > 0),
    wrong: () => some((one) => one.wrong > 0),
  };
  return fits[arrived]() ? "" : texts.unlike;
}

const clock = (iso) =>
  new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

/** The state of an entry in words. */
export function sentence({ state, answer }, texts) {
  if (state === "waiting") return texts.waiting;
  if (state === "done") return texts.delivered.replace("{time}", clock(answer.at));
  if (state === "duplicate") return texts.before.replace("{time}", clock(answer.at));
  if (state === "needs_decision") return texts.decision;
  return answer?.text || texts.refused;
}

/** Let the page open again without a network; where that cannot be, say that it has to stay open.
 * @param {string} worker */
export async function keepPage(worker, texts) {
  const note = document.getElementById("kept");
  if (!navigator.serviceWorker) return void (note.textContent = texts.open);
  const scripts = performance.getEntriesByType("resource").map((one) => one.name);
  const keep = scripts.filter((name) => name.endsWith(".js"));
  const message = { keep, page: { url: location.href.split(/[?#]/)[0], html: asLoaded } };
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    note.textContent = data.kept ? texts.kept : texts.open;
    note.dataset.kept = String(data.kept);
  });
  try {
    await navigator.serviceWorker.register(worker);
    (await navigator.serviceWorker.ready).active.postMessage(message);
  } catch {
    note.textContent = texts.open;
  }
}
