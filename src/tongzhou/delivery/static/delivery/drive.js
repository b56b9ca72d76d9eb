// The stop list: enter receipts with a witness, offline too. Same outbox as the receive page.

import { Sender, newId, openStore } from "./outbox.js";
import { keepPage, sentence, SHAPE, wrongCount } from "./shown.js";

const page = JSON.parse(document.getElementById("round").textContent);
const { texts, items } = page;
const stops = new Map(page.parcels.map((row) => [row[0], row]));
const entryForm = document.getElementById("entry").content;
const pieces = document.getElementById("pieces").content;

/** The items of a stop as the form counts them: [{code, name, units}]. */
function contents(parcel) {
  return stops.get(parcel)[5].map(([at, units]) => ({
    code: items[at][0],
    name: items[at][1],
    units,
  }));
}

function openForm(sender, stop) {
  document.querySelector("#stops form")?.remove();
  const parcel = stop.dataset.parcel;
  const form = entryForm.cloneNode(true).querySelector("form");
  for (const { name } of contents(parcel)) {
    const block = pieces.cloneNode(true);
    block.querySelector("legend").textContent = name;
    form.querySelector(".pieces").append(block);
  }
  form.onchange = () => (form.dataset.arrived = new FormData(form).get("arrived") || "");
  form.onsubmit = (event) => {
    event.preventDefault();
    void submit(sender, parcel, form);
  };
  stop.append(form);
  form.querySelector("input").focus();
}

function counted(form, parcel) {
  const number = (block, name) => {
    const all = form.querySelectorAll(`[data-name=${name}]`);
    return Math.trunc(Number(all[block].value || 0));
  };
  return contents(parcel).map(({ code }, n) => ({
    item: code,
    good: number(n, "good"),
    damaged: number(n, "damaged"),
    wrong: number(n, "wrong"),
  }));
}

async function submit(sender, parcel, form) {
  const data = new FormData(form);
  const arrived = data.get("arrived");
  const witness = String(data.get("witness") || "").trim();
  const body = { parcel, arrived, witness };
  if (arrived !== "all") body.counts = counted(form, parcel);
  const named = [...form.querySelectorAll("[data-name=good]")];
  const wrong = wrongCount(body, contents(parcel), named, texts) || (witness ? "" : texts.witness);
  const problem = form.querySelector("[role=alert]");
  problem.hidden = !wrong;
  problem.textContent = wrong;
  if (wrong) return problem.focus();
  const at = new Date().toISOString();
  const kind = "receipt.witnessed";
  const label = `${stops.get(parcel)[2]} · ${parcel}`;
  form.remove();
  await sender.add({ id: newId(), kind, at, label, body, state: "waiting" });
}

function render(sender, entries) {
  const mine = entries.filter((entry) => entry.kind === "receipt.witnessed");
  const waiting = mine.filter((entry) => entry.state === "waiting").length;
  document.getElementById("count").textContent = waiting
    ? texts.unsent.replace("{n}", String(waiting))
    : "";
  for (const entry of mine) {
    const stop = document.querySelector(`[data-parcel="${entry.body.parcel}"]`);
    if (stop) mark(sender, stop, entry);
  }
}

function mark(sender, stop, entry) {
  const state = stop.querySelector(".state");
  state.className = `state ${SHAPE[entry.state] || "late"}`;
  state.dataset.state = entry.state;
  state.textContent = sentence(entry, texts);
  const button = stop.querySelector("button");
  if (!button) return;
  const refused = entry.state === "refused" || entry.state === "conflict";
  button.hidden = !refused;
  if (refused) {
    // A refused id stays refused for ever; after signing in again the same words go as a new command.
    button.textContent = texts.again;
    button.onclick = async () => {
      await sender.store.remove(entry.id);
      await sender.add({ ...entry, id: newId(), state: "waiting", answer: undefined });
    };
  }
}

async function start() {
  document.documentElement.classList.add("js");
  const store = await openStore();
  const sender = new Sender(store, "/api/v1/commands", (entries) => render(sender, entries));
  for (const stop of document.querySelectorAll("#stops li")) {
    const button = stop.querySelector("button");
    if (button) button.onclick = () => openForm(sender, stop);
  }
  void keepPage("/desk/drive/sw.js", texts);
  await sender.start();
}

void start();
