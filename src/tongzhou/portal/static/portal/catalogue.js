// The catalogue of medicines in the browser: its data with an index of names, and what is written
// on a pack led to a product. medicine.js checks with it; neither touches page or network.

const STRENGTH = /([0-9]+(?:\.[0-9]+)?)\s*(毫克|毫升|克|mg|ml|g)/g;
// What stands in brackets, but for the Roman numerals that tell one product from another.
const BRACKETS = /\((?![ivx]+\))[^()]*\)/g;
const MILLIGRAMS = { 毫克: 1, mg: 1, 克: 1000, g: 1000 };

/** English and Chinese, as they stand in the data. */
export const texts = ([en, zh]) => ({ en, zh });

/**
 * Products to choose from while a name is typed: those that begin with it, then those that hold it.
 * @typedef {{id: string, name: {en: string, zh: string}, unit: string, mg: object}} Product
 * @returns {Product[]} mg: by ingredient, in one unit
 */
export function suggest(data, typed, most = 8) {
  const written = plain(typed);
  if (!written) return [];
  const book = bookOf(data);
  const names = [...book.byName.keys()].filter((name) => name.includes(written));
  names.sort((one, other) => other.startsWith(written) - one.startsWith(written));
  const products = new Set(names.flatMap((name) => book.byName.get(name)));
  return [...products]
    .slice(0, most)
    .map(({ id, name, unit, mg }) => ({ id, name: texts(name), unit, mg }));
}

// The data with an index of its names, made once for each set of data.
const books = new WeakMap();

export function bookOf(data) {
  if (!books.has(data)) books.set(data, makeBook(data));
  return books.get(data);
}

function makeBook(data) {
  const ingredients = data.ingredients.map((row) => ({
    ...row,
    classes: new Set([...(row.classes || []), ...(row.usual ? [] : ["ask_in_pregnancy"])]),
  }));
  const products = data.products.map((row) => productOf(row, ingredients));
  const byName = new Map();
  for (const product of products) {
    for (const name of new Set([...product.name, ...product.also].map(plain))) {
      byName.set(name, [...(byName.get(name) || []), product]);
    }
  }
  const named = (names) =>
    new Map(products.flatMap((one) => names(one).map((n) => [plain(n), one])));
  return {
    ...data,
    ingredients,
    ingredient: new Map(ingredients.map((one) => [one.id, one])),
    ingredientNamed: new Map(
      ingredients.flatMap((one) => [...one.name, ...(one.also || [])].map((n) => [plain(n), one])),
    ),
    product: new Map(products.map((one) => [one.id, one])),
    byName,
    approval: named((one) => one.approval),
    code: named((one) => one.codes),
    question: new Map(data.person.map((one) => [one.id, one])),
  };
}

function productOf([id, name, held, unit, also, approval, codes], ingredients) {
  const mg = {};
  for (let at = 0; at < held.length; at += 2) mg[ingredients[held[at]].id] = held[at + 1];
  const rest = { also: also || [], approval: approval || [], codes: codes || [] };
  return { id, name, mg, unit: unit || "tablet", ...rest };
}

// Names.

// 1,500 mg: read from its last comma on it would be a third of what it is.
const sameSigns = (text) =>
  text.normalize("NFKC").toLowerCase().replace(/([0-9]),(?=[0-9]{3}(?![0-9]))/g, "$1");
export const plain = (text) => sameSigns(text).replace(/[^\p{L}\p{N}]+/gu, "");

/** The milligrams that are written into a name, as in 0.5 g; null where there are none. */
export function strengthIn(name) {
  for (const [, number, unit] of sameSigns(name).matchAll(STRENGTH)) {
    if (MILLIGRAMS[unit]) return Number(number) * MILLIGRAMS[unit];
  }
  return null;
}

/** The products of this name, else the ingredient of this name, else nothing. */
function recognise(book, name) {
  const shorter = sameSigns(name).replace(STRENGTH, "");
  for (const written of [name, shorter, shorter.replace(BRACKETS, "")].map(plain)) {
    if (book.byName.has(written)) return { products: book.byName.get(written) };
    if (book.ingredientNamed.has(written)) {
      return { products: [], ingredient: book.ingredientNamed.get(written) };
    }
  }
  return { products: [] };
}

/** By the surest that is given: our own id, the number on the pack, its code, its name. */
export function found(book, item) {
  let sure;
  if (item.product) sure = book.product.get(item.product);
  else if (item.approval) sure = book.approval.get(plain(item.approval));
  else if (item.code) sure = book.code.get(plain(item.code));
  else return recognise(book, item.name || "");
  return { products: sure ? [sure] : [] };
}
