// The receive page: ask what arrived, take a signature or a photograph, put the receipt in the outbox.

import { Sender, newId, openStore } from "./outbox.js";
import { shrunk, signaturePad } from "./proof.js";
import { keepPage, sentence, SHAPE, wrongCount } from "./shown.js";

const page = JSON.parse(document.getElementById("parcel").textContent);
const form = document.getElementById("form");
const list = document.getElementById("sent");
const problem = document.getElementById("problem");
const { texts } = page;

/** What was chosen and counted, in the form of a command's body. */
function report() {
  const data = new FormData(form);
  const arrived = data.get("arrived");
  const number = (name) => Math.trunc(Number(data.get(name) || 0));
  const counts = page.items.map(({ code }, n) => ({
    item: code,
    good: number(`good_${n}`),
    damaged: number(`damaged_${n}`),
    wrong: number(`wrong_${n}`),
  }));
  const signed_by = String(data.get("signed_by") || "").trim();
  return { arrived, ...(arrived === "all" ? {} : { counts }), signed_by };
}

const goodInputs = () => [...form.querySelectorAll("input[name^=good_]")];
const wrong = (body) => wrongCount(body, page.items, goodInputs(), texts);

function show(step) {
  document.documentElement.dataset.step = step;
  form.querySelector(`[data-of="${step}"] legend`).focus();
}

function complain(sentence) {
  problem.hidden = !sentence;
  problem.textContent = sentence;
  if (sentence) problem.focus();
  return !!sentence;
}

function chosen() {
  const { arrived } = report();
  document.documentElement.dataset.arrived = arrived || "";
}

async function submit(sender, pad) {
  const body = report();
  const file = form.elements.photo.files[0];
  body.signature = pad.path();
  if (complain(wrong(body))) return show("count");
  const photo = file && (await shrunk(file));
  if (file && !photo) return complain(texts.photo);
  if (!body.signed_by && !body.signature && !photo) return complain(texts.sign);
  const entry = { at: new Date().toISOString(), token: page.token, label: page.label };
  const receipt = { ...entry, id: newId(), kind: "receipt.parcel", state: "waiting" };
  if (photo) {
    // Stored first: a receipt that waits must not lose its photograph when the browser is closed.
    const body = { receipt: receipt.id, jpeg: photo };
    const id = newId();
    const kind = "receipt.photo";
    await sender.store.put({ ...entry, id, kind, body, after: receipt.id, state: "waiting" });
  }
  await sender.add({ ...receipt, body: { ...body, photo_follows: !!photo } });
}

/** Every receipt on this phone with its state; the form goes once this parcel has one. */
function render(sender, entries) {
  const receipts = entries.filter((entry) => entry.kind === "receipt.parcel");
  const waiting = receipts.filter((entry) => entry.state === "waiting").length;
  const mine = receipts.filter((entry) => entry.token === page.token).at(-1);
  const refused = mine && (mine.state === "refused" || mine.state === "conflict");
  document.getElementById("count").textContent = waiting
    ? texts.unsent.replace("{n}", String(waiting))
    : "";
  list.replaceChildren(...receipts.map((entry) => row(entry)));
  list.parentElement.hidden = !receipts.length;
  form.hidden = !!mine && !refused;
  if (refused) complain(sentence(mine, texts));
  const again = document.getElementById("again");
  again.hidden = !refused;
  again.onclick = () => sender.store.remove(mine.id).then(() => location.reload());
}

function row(entry) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const state = document.createElement("span");
  name.textContent = entry.label;
  state.className = `state ${SHAPE[entry.state] || "late"}`;
  state.dataset.state = entry.state;
  state.textContent = sentence(entry, texts);
  item.append(name, state);
  return item;
}

async function start() {
  document.documentElement.classList.add("js");
  document.documentElement.dataset.step = "count";
  const store = await openStore();
  const sender = new Sender(store, "/api/v1/commands", (entries) => render(sender, entries));
  const pad = signaturePad(document.getElementById("pad"));
  form.addEventListener("change", chosen);
  form.querySelector("[data-next]").onclick = () => complain(wrong(report())) || show("sign");
  form.querySelector("[data-back]").onclick = () => show("count");
  form.querySelector("[data-clear]").onclick = pad.clear;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button) button.disabled = true;
    void submit(sender, pad).finally(() => button && (button.disabled = false));
  });
  void keepPage("/c/sw.js", texts);
  await sender.start();
}

void start();
