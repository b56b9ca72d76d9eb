// The medicine page: a list of what is in the drawer, some questions, and what speaks against it.
// The catalogue is loaded once; checking asks nobody, and nothing that is typed leaves the phone.

import { itemOf, months, number } from "./items.js";
import { InputRefused, checkDrawer, suggest } from "./medicine.js";
import { scanButton } from "./scanner.js";

// Taken before any script changes it: the page is kept as it came and does not travel twice.
const asLoaded = "<!doctype html>\n" + document.documentElement.outerHTML;
const MOST_SUGGESTED = 6;
const SHAPE = { stop: "late", ask: "warn", note: "going", nothing: "unknown" };

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
const form = $("drawer");
const list = $("items");
let made = 0;

// The list.

function addItem(written = "") {
  const n = ++made;
  const row = $("item").content.firstElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("input")) {
    input.id = `${input.dataset.f}-${n}`;
    input.closest("div").querySelector("label").htmlFor = input.id;
  }
  row.querySelector("[data-remove]").onclick = () => {
    row.remove();
    rename();
    $("add").focus();
  };
  const field = row.querySelector("[data-f=name]");
  field.oninput = () => propose(row, field.value);
  list.append(row);
  rename();
  if (written) {
    field.value = written;
    propose(row, written);
  }
  return field;
}

function rename() {
  [...list.children].forEach((row, at) => {
    row.querySelector("h3").textContent = words.medicine.replace("{n}", at + 1);
    const remove = row.querySelector("[data-remove]");
    remove.hidden = list.children.length < 2;
    remove.textContent = words.remove.replace("{n}", at + 1);
  });
}

const strengths = ({ mg }) => {
  const known = Object.values(mg).filter((one) => one > 0);
  return known.length === 1 ? ` ${known[0]} mg` : "";
};
const nameOf = (product) => product.name[words.language] + strengths(product);

/** Products to choose from, below the name that is being typed. */
function propose(row, typed) {
  const offered = row.querySelector(".offered");
  choose(row, null);
  const products = suggest(data, typed, MOST_SUGGESTED);
  offered.replaceChildren(
    ...products.map((product) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "second";
      button.textContent = nameOf(product);
      button.onclick = () => {
        row.querySelector("[data-f=name]").value = nameOf(product);
        choose(row, product);
        offered.replaceChildren();
        row.querySelector("[data-f=count]").focus();
      };
      const line = document.createElement("li");
      line.append(button);
      return line;
    }),
  );
}

function choose(row, product) {
  row.dataset.product = product ? product.id : "";
  row.querySelector(".strength").hidden = !!product;
  row.querySelector(".chosen").textContent = product
    ? words.chosen.replace("{name}", nameOf(product))
    : "";
}

// What was typed.

const typedIn = (row, name) => row.querySelector(`[data-f=${name}]`).value;

function rows() {
  return [...list.children].filter((row) => typedIn(row, "name").trim());
}

function itemIn(row) {
  const [written, strength, count, times] = ["name", "strength_mg", "count", "times"].map((name) =>
    typedIn(row, name),
  );
  return itemOf({ written, strength, count, times, product: row.dataset.product }, data);
}

function personTyped() {
  const chosen = new FormData(form);
  const answer = (name) => ({ yes: true, no: false })[chosen.get(name)] ?? null;
  return {
    age_months: months($("years").value, $("months").value),
    weight_kg: number($("weight_kg").value),
    pregnant: answer("pregnant"),
    pregnancy_weeks: number($("pregnancy_weeks").value),
    liver: answer("liver"),
    kidney: answer("kidney"),
    alcohol: answer("alcohol"),
    other: othersNamed(answer("takes_other")),
  };
}

/** Names of other medicines; [] where there are none, null where it is not known which. */
function othersNamed(takes) {
  if (takes !== true) return takes === false ? [] : null;
  const named = $("other").value.split("\n").map((line) => line.trim());
  return named.some(Boolean) ? named.filter(Boolean) : null;
}

// What comes of it.

const problem = $("problem");

function complain(text, field) {
  problem.hidden = !text;
  if (!text) return;
  const link = document.createElement("a");
  link.href = `#${field.id}`;
  link.textContent = text;
  link.onclick = (event) => {
    event.preventDefault();
    field.focus();
  };
  problem.replaceChildren(link);
  $("result").hidden = true;
  problem.focus();
}

// Where a question of the catalogue is answered, if not in a field of its own name.
const ASKED = { age_months: "years", other: "takes_other-yes" };
const fieldFor = (question) => $(ASKED[question] || question) || $(`${question}-yes`);

/** The field that an input which cannot be right stands in. */
function fieldOf(name) {
  const wrong = (row) => {
    try {
      checkDrawer(data, [itemIn(row)], {});
    } catch {
      return true;
    }
    return false;
  };
  const inRow = rows().find(wrong)?.querySelector(`[data-f=${name}]`);
  return inRow || fieldFor(name) || list.querySelector("input");
}

function check() {
  const filled = rows();
  if (!filled.length) return complain(words.nothing, list.querySelector("input"));
  try {
    show(checkDrawer(data, filled.map(itemIn), personTyped()));
    complain("");
  } catch (error) {
    if (!(error instanceof InputRefused)) throw error;
    const said = words[error.field] || error.field;
    return complain(words.number.replace("{field}", said), fieldOf(error.field));
  }
  $("result").focus();
}

function show({ verdict, text, findings, version }) {
  const heading = $("verdict");
  heading.className = `state ${SHAPE[verdict]}`;
  heading.textContent = text[words.language];
  $("result").dataset.verdict = verdict;
  $("findings").replaceChildren(...findings.map(findingRow));
  $("version").textContent = words.version
    .replace("{version}", version)
    .replace("{issued}", data.issued);
  $("result").hidden = false;
}

function findingRow({ severity, text, asks, rule }) {
  const row = document.createElement("li");
  const word = document.createElement("strong");
  word.className = `state ${SHAPE[severity]}`;
  word.textContent = words[severity];
  const code = document.createElement("small");
  code.className = "muted";
  code.textContent = rule;
  row.dataset.severity = severity;
  row.append(word, ` ${text[words.language]} `);
  const field = asks && fieldFor(asks);
  if (field) row.append(questionLink(field), " ");
  row.append(code);
  return row;
}

function questionLink(field) {
  const link = document.createElement("a");
  link.href = `#${field.id}`;
  link.textContent = words.answer;
  link.onclick = (event) => {
    event.preventDefault();
    field.focus();
  };
  return link;
}

/** Some questions are not for small children. */
function fitQuestions() {
  const age = months($("years").value, $("months").value);
  for (const { id, not_under_months: from = 0 } of data.person) {
    const question = document.querySelector(`[data-q=${id}]`);
    if (question) question.hidden = age !== null && age < from;
  }
  const chosen = new FormData(form);
  $("weeks").hidden ||= chosen.get("pregnant") !== "yes";
  $("others").hidden = chosen.get("takes_other") !== "yes";
}

// The page opens again without a network.

async function keepPage() {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  const loaded = performance.getEntriesByType("resource").map((one) => one.name);
  const keep = loaded.filter((name) => /\/check\/[\w/]+\.js(on)?$/.test(name));
  worker.addEventListener("message", ({ data: told }) => {
    $("kept").textContent = told.kept ? words.kept : "";
    $("kept").dataset.kept = String(told.kept);
  });
  await worker.register(form.dataset.worker);
  const page = { url: location.href.split(/[?#]/)[0], html: asLoaded };
  (await worker.ready).active.postMessage({ keep, page });
}

let data;

async function start() {
  try {
    const answer = await fetch(form.dataset.catalogue);
    if (!answer.ok) throw new Error(String(answer.status));
    data = await answer.json();
  } catch {
    $("loading").textContent = words.missing;
    return;
  }
  document.documentElement.classList.add("js");
  addItem();
  $("add").onclick = () => addItem().focus();
  form.addEventListener("input", () => {
    fitQuestions();
    // An answer holds for what was asked, and not for what is being typed.
    $("result").hidden = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  scanButton({
    button: $("scan"),
    box: $("camera"),
    texts: words,
    found(text) {
      const empty = [...list.querySelectorAll("[data-f=name]")].find((one) => !one.value.trim());
      const field = empty || addItem();
      field.value = text;
      field.focus();
    },
  });
  keepPage().catch(() => {});
}

void start();
