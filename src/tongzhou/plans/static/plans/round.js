// A driver's round: tick a stop as done. Ticks stay on this phone; they are no receipts.

// Taken before any script changes it: the page is kept as it came.
const asLoaded = "<!doctype html>\n" + document.documentElement.outerHTML;
const { key, texts } = JSON.parse(document.getElementById("round").textContent);
const boxes = [...document.querySelectorAll(".stops input")];
const NAME = `tongzhou-round-${key}`;

/** @returns {Set<string>} the orders of the stops that are done */
function ticked() {
  try {
    return new Set(JSON.parse(localStorage.getItem(NAME) || "[]"));
  } catch {
    return new Set();
  }
}

function remember(done) {
  try {
    localStorage.setItem(NAME, JSON.stringify([...done]));
  } catch {
    // A private window keeps nothing: ticks last as long as the page is open.
  }
}

/** Done stops go below, so that the next one is on top. */
function show() {
  const below = document.getElementById("done");
  for (const list of document.querySelectorAll(".stops[data-trip]")) {
    const own = boxes.filter((box) => box.dataset.trip === list.dataset.trip);
    list.append(...own.filter((box) => !box.checked).map((box) => box.closest("li")));
    list.closest("section").hidden = own.every((box) => box.checked);
  }
  below.append(...boxes.filter((box) => box.checked).map((box) => box.closest("li")));
  below.closest("section").hidden = !below.children.length;
  const open = boxes.filter((box) => !box.checked);
  for (const box of boxes) box.closest("li").classList.toggle("next", box === open[0]);
  const left = open.length ? texts.left.replace("{n}", String(open.length)) : texts.none;
  document.getElementById("left").textContent = left;
}

async function keepPage() {
  const note = document.getElementById("kept");
  if (!navigator.serviceWorker) return void (note.textContent = texts.open);
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    note.textContent = data.kept ? texts.kept : texts.open;
    note.dataset.kept = String(data.kept);
  });
  const url = location.href.split(/[?#]/)[0];
  try {
    await navigator.serviceWorker.register("/r/sw.js");
    const message = { page: { url, html: asLoaded }, scripts: ["/r/round.js"] };
    (await navigator.serviceWorker.ready).active.postMessage(message);
  } catch {
    note.textContent = texts.open;
  }
}

const done = ticked();
for (const box of boxes) {
  box.checked = done.has(box.value);
  box.addEventListener("change", () => {
    if (box.checked) done.add(box.value);
    else done.delete(box.value);
    remember(done);
    show();
    // The reader goes on to the next stop, not to the bottom of the page with the one that is done.
    const next = box.checked ? boxes.find((one) => !one.checked) || box : box;
    next.focus({ preventScroll: true });
    next.closest("li").scrollIntoView({ block: "nearest" });
  });
}
show();
void keepPage();
