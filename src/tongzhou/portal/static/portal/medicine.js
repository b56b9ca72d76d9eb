// The check of a drawer of medicines, in the browser: nothing that is typed leaves the phone.
// It is the engine of tongzhou/clinical/medicines in another language, over the same data
// (tongzhou.clinical.export); a test finds both equal. No page, no network, no clock in here.

import { bookOf, found, plain, strengthIn, texts } from "./catalogue.js";

export { suggest } from "./catalogue.js";

const SEVERITIES = ["stop", "ask", "note"];
const MOST_NAMES = 60;
const LONGEST_NAME = 200;
const LIMITS = { count: [0.01, 500], times: [1, 24], strength_mg: [0.001, 10000] };

/** An input that cannot be true; `field` names it. */
export class InputRefused extends RangeError {
  constructor(field) {
    super(`${field} cannot be right`);
    this.field = field;
  }
}

/**
 * @typedef {{name?: string, product?: string, approval?: string, code?: string,
 *   strength_mg?: number|null, count?: number|null, times?: number|null}} Item
 * @typedef {{age_months?: number|null, weight_kg?: number|null, pregnant?: boolean|null,
 *   pregnancy_weeks?: number|null, liver?: boolean|null, kidney?: boolean|null,
 *   alcohol?: boolean|null, other?: string[]|null}} Person  null: not known, it is asked for
 * @typedef {{rule: string, severity: string, items: number[], text: {en: string, zh: string},
 *   ingredient: string, amount: number|null, limit: number|null, asks: string}} Finding
 */

/**
 * What speaks against taking these medicines as said, the gravest first.
 * @param {object} data what tongzhou.clinical.export writes
 * @param {Item[]} items @param {Person} person
 * @returns {{verdict: string, text: {en: string, zh: string}, findings: Finding[],
 *   version: string, unknown: number[]}}
 * @throws {InputRefused} for what cannot be
 */
export function checkDrawer(data, items, person) {
  const book = bookOf(data);
  checkPerson(book, person);
  const drawer = drawerOf(book, linesOf(book, items, person), person);
  const found = book.checks.flatMap((check) => LOOKS[check.kind](drawer, check));
  const rank = (finding) => SEVERITIES.indexOf(finding.severity);
  found.sort((one, other) => rank(one) - rank(other));
  const verdict = found.length ? found[0].severity : "nothing";
  const unknown = drawer.lines.filter((line) => !line.known).map((line) => line.index);
  const text = texts(book.verdicts[verdict]);
  return { verdict, text, findings: found, version: book.version, unknown };
}

// What is taken in.

function within(field, value, least, most) {
  const fits = typeof value === "number" && value >= least && value <= most;
  if (!fits) throw new InputRefused(field);
}

function checkPerson(book, person) {
  for (const { id, least, most } of book.person) {
    const value = person[id] ?? null;
    if (value === null || id === "other") continue;
    if (most !== undefined) within(id, value, least, most);
    else if (typeof value !== "boolean") throw new InputRefused(id);
  }
}

function checkItem(item) {
  const names = [item.name, item.approval, item.code];
  if (names.some((text) => [...(text || "")].length > LONGEST_NAME)) throw new InputRefused("name");
  for (const [field, [least, most]] of Object.entries(LIMITS)) {
    const value = item[field] ?? null;
    if (value !== null) within(field, value, least, most);
  }
  if (!Number.isInteger(item.times ?? 1)) throw new InputRefused("times");
}

function linesOf(book, items, person) {
  const others = (person.other || []).map((name) => ({ name }));
  if (items.length > MOST_NAMES || others.length > MOST_NAMES) throw new InputRefused("items");
  const all = [...items, ...others];
  all.forEach(checkItem);
  return all.map((item, index) => lineOf(book, item, index, index < items.length));
}

function lineOf(book, item, index, measured) {
  const written = item.name || item.approval || item.code || item.product || "";
  const { products, ingredient } = found(book, item);
  const line = { index, written, measured, count: item.count ?? null, times: item.times ?? null };
  if (ingredient) {
    const mg = { [ingredient.id]: item.strength_mg || strengthIn(item.name) || 0 };
    return { ...line, name: ingredient.name, key: `ingredient ${ingredient.id}`, known: true, mg };
  }
  const held = new Set(products.map((one) => Object.keys(one.mg).sort().join(" ")));
  if (held.size !== 1) {
    const key = `unknown ${plain(written)}`;
    return { ...line, name: [written, written], key, known: false, mg: {} };
  }
  return { ...line, known: true, name: products[0].name, ...strengthOf(item, products, measured) };
}

function strengthOf(item, products, measured) {
  const byName = item.strength_mg || products[0].unit === "ml" ? null : strengthIn(item.name || "");
  const stated = item.strength_mg || byName;
  const exact = products.filter((one) => Object.values(one.mg).includes(stated));
  const fitting = exact.length ? exact : products;
  const names = Object.keys(products[0].mg);
  const most = (name) => Math.max(...fitting.map((one) => one.mg[name]));
  const mg = Object.fromEntries(names.map((name) => [name, most(name)]));
  let several = fitting.length > 1;
  if (stated && names.length === 1 && mg[names[0]] !== stated) {
    mg[names[0]] = Math.max(mg[names[0]], stated);
    several = true;
  }
  return { mg, key: fitting.map((one) => one.id).join(" "), several: several && measured };
}

// Amounts are whole micrograms, so that no rounding hides a limit.

const micrograms = (milligrams) => Math.floor(milligrams * 1000 + 0.5);
const milligrams = (amount) => {
  const rest = String(amount % 1000).padStart(3, "0");
  return `${Math.floor(amount / 1000)}.${rest}`.replace(/0+$/, "").replace(/\.$/, "");
};

function oneDose(line, id) {
  return line.count === null || !line.mg[id] ? null : micrograms(line.mg[id] * line.count);
}

function oneDay(line, id) {
  if (line.count === null || line.times === null || !line.mg[id]) return null;
  return micrograms(line.mg[id] * line.count * line.times);
}

// What the checks share.

function age(months) {
  const years = months / 12;
  if (months >= 24 && Number.isInteger(years)) return [`${years} years`, `${years} 岁`];
  return [`${months} months`, `${months} 月龄`];
}

function finding(check, lines, { ingredient, over, asks = "", severity, values = {} } = {}) {
  const all = { ...values };
  if (ingredient) all.ingredient = ingredient.name;
  if (over) {
    const show = over.show || milligrams;
    all.amount = Array(2).fill(show(over.amount));
    all.limit = Array(2).fill(show(over.limit));
  }
  return {
    rule: check.id,
    severity: severity || check.severity,
    items: lines.map((line) => line.index),
    text: texts([0, 1].map((language) => sentence(check, lines, all, language))),
    ingredient: ingredient ? ingredient.id : "",
    amount: over ? over.amount : null,
    limit: over ? over.limit : null,
    asks,
  };
}

function sentence(check, lines, values, language) {
  let text = check.text[language];
  for (const [name, said] of Object.entries(values)) {
    text = text.split(`{${name}}`).join(said[language]);
  }
  const names = [...new Set(lines.map((line) => line.name[language]))];
  return text.split("{items}").join(names.join(language ? "、" : ", "));
}

/** The drawer as the checks look at it: `held` has [line, ingredient] for each class and id. */
function drawerOf(book, lines, person) {
  const held = new Map();
  const byIngredient = new Map();
  for (const line of lines) {
    for (const id of Object.keys(line.mg)) {
      for (const about of new Set([id, ...book.ingredient.get(id).classes])) {
        held.set(about, [...(held.get(about) || []), [line, id]]);
      }
      byIngredient.set(id, [...(byIngredient.get(id) || []), line]);
    }
  }
  const ingredients = book.ingredients
    .filter((one) => byIngredient.has(one.id))
    .map((one) => [one, byIngredient.get(one.id)]);
  return { book, lines, person, held, ingredients, asked: new Map() };
}

function holding(drawer, about) {
  return [...new Set((drawer.held.get(about) || []).map(([line]) => line))];
}

function isChild(drawer) {
  const months = drawer.person.age_months ?? null;
  return months === null ? null : months < drawer.book.child_under_months;
}

function miss(drawer, question, lines) {
  const indexes = drawer.asked.get(question) || new Set();
  lines.forEach((line) => indexes.add(line.index));
  drawer.asked.set(question, indexes);
}

function told(drawer, question, lines) {
  const months = drawer.person.age_months ?? null;
  const from = drawer.book.question.get(question).not_under_months || 0;
  if (months !== null && months < from) return false;
  const answer = drawer.person[question] ?? null;
  if (answer === null) miss(drawer, question, lines);
  return answer;
}

const least = (limits) => (limits.length ? Math.min(...limits) : null);

function mostADay(drawer, ingredient, lines) {
  const limits = ingredient.day === undefined ? [] : [micrograms(ingredient.day)];
  if (limits.length && isChild(drawer) === null) miss(drawer, "age_months", lines);
  if (ingredient.kg_day !== undefined) {
    const weight = drawer.person.weight_kg ?? null;
    if (weight !== null) limits.push(micrograms(ingredient.kg_day * weight));
    else if (isChild(drawer) !== false) miss(drawer, "weight_kg", lines);
  }
  return least(limits);
}

function mostADose(drawer, ingredient) {
  const limits = ingredient.dose === undefined ? [] : [micrograms(ingredient.dose)];
  const weight = drawer.person.weight_kg ?? null;
  if (ingredient.kg_dose !== undefined && weight !== null && isChild(drawer) !== false) {
    limits.push(micrograms(ingredient.kg_dose * weight));
  }
  return least(limits);
}

// How each kind of check looks at a drawer.

const LOOKS = {
  unknown_product: (drawer, check) =>
    drawer.lines.filter((line) => !line.known).map((line) => finding(check, [line])),

  clue: (drawer, check) =>
    drawer.lines
      .filter((line) => !line.known)
      .flatMap((line) =>
        drawer.book.clues
          .filter((clue) => clue.signs.some((sign) => plain(line.written).includes(sign)))
          .map((clue) => finding(check, [line], { values: { what: clue.what } })),
      ),

  which_strength: (drawer, check) =>
    drawer.lines.filter((line) => line.several).map((line) => finding(check, [line])),

  amount_missing: (drawer, check) =>
    drawer.ingredients.flatMap(([ingredient, lines]) => {
      const still = lines.filter((line) => line.measured && oneDay(line, ingredient.id) === null);
      if (ingredient.day === undefined || !still.length) return [];
      return [finding(check, still, { ingredient })];
    }),

  day_limit: (drawer, check) =>
    drawer.ingredients.flatMap(([ingredient, lines]) => {
      const limit = mostADay(drawer, ingredient, lines);
      const measured = lines.filter((line) => oneDay(line, ingredient.id) !== null);
      const amount = measured.reduce((sum, line) => sum + oneDay(line, ingredient.id), 0);
      if (limit === null || amount <= limit) return [];
      return [finding(check, measured, { ingredient, over: { amount, limit } })];
    }),

  dose_limit: (drawer, check) =>
    drawer.ingredients.flatMap(([ingredient, lines]) => {
      const limit = mostADose(drawer, ingredient);
      return lines
        .map((line) => [line, oneDose(line, ingredient.id)])
        .filter(([, amount]) => limit !== null && amount !== null && amount > limit)
        .map(([line, amount]) => finding(check, [line], { ingredient, over: { amount, limit } }));
    }),

  times_limit: (drawer, check) =>
    drawer.ingredients.flatMap(([ingredient, lines]) => {
      const often = lines.filter((line) => line.times);
      const amount = often.reduce((sum, line) => sum + line.times, 0);
      if (ingredient.times === undefined || amount <= ingredient.times) return [];
      const over = { amount, limit: ingredient.times, show: String };
      return [finding(check, often, { ingredient, over })];
    }),

  no_child_dose: (drawer, check) =>
    drawer.ingredients.flatMap(([ingredient, lines]) => {
      if (ingredient.kg_dose !== undefined || ingredient.note) return [];
      if (isChild(drawer) === null) miss(drawer, "age_months", lines);
      return isChild(drawer) ? [finding(check, lines, { ingredient })] : [];
    }),

  too_young: (drawer, check) =>
    drawer.ingredients.flatMap(([ingredient, lines]) => {
      const months = drawer.person.age_months ?? null;
      if (ingredient.from && months === null) miss(drawer, "age_months", lines);
      if (months === null || months >= (ingredient.from || 0)) return [];
      return [finding(check, lines, { ingredient, values: { age: age(ingredient.from) } })];
    }),

  duplicate: (drawer, check) =>
    drawer.ingredients
      .filter(([, lines]) => new Set(lines.map((line) => `${line.key} ${line.measured}`)).size > 1)
      .map(([ingredient, lines]) =>
        finding(check, lines, { ingredient, severity: ingredient.note ? "note" : "stop" }),
      ),

  clash: (drawer, check) => {
    const [first, second] = check.classes.map((about) => drawer.held.get(about) || []);
    const clashing = new Set();
    for (const [one, id] of first) {
      for (const [other, met] of second) {
        if (one.key !== other.key && id !== met) clashing.add(one).add(other);
      }
    }
    const lines = drawer.lines.filter((line) => clashing.has(line));
    return lines.length ? [finding(check, lines)] : [];
  },

  person: (drawer, check) => {
    const lines = holding(drawer, check.about);
    if (!lines.length || !told(drawer, check.person, lines)) return [];
    const weeks = drawer.person.pregnancy_weeks ?? null;
    const from = check.from_weeks || 0;
    if (from && weeks === null) miss(drawer, "pregnancy_weeks", lines);
    return weeks === null || weeks >= from ? [finding(check, lines)] : [];
  },

  class: (drawer, check) => {
    const lines = holding(drawer, check.about);
    return lines.length ? [finding(check, lines)] : [];
  },

  tell: (drawer, check) => {
    const known = drawer.lines.filter((line) => line.known);
    if (known.length && (drawer.person.other ?? null) === null) miss(drawer, "other", known);
    return drawer.book.person.flatMap(({ id, text }) => {
      const lines = drawer.lines.filter((line) => drawer.asked.get(id)?.has(line.index));
      return lines.length ? [finding(check, lines, { asks: id, values: { what: text } })] : [];
    });
  },
};
