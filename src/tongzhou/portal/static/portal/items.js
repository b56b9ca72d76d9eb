// What was typed of one medicine, as the check takes it. No page and no network in here.

const APPROVAL = /^(国药准字)?[A-Z][0-9]{8}$/;
const TRACE = /(?:^|[^0-9])([0-9]{7})[0-9]{13}(?:[^0-9]|$)/;
const GS1 = /^(?:\(01\)|01(?=[0-9]{14}(?:10|11|17|21)))([0-9]{14})/;
const GTIN = /^(?:[0-9]{8}|[0-9]{12,14})$/;

/** The product in a code of a box: 7 digits of a trace code or a GTIN of 14; "" where it is none. */
export function productCode(text) {
  const typed = text.normalize("NFKC").trim();
  const plain = typed.replace(/[\s-]/g, "");
  const [, trace] = TRACE.exec(plain) || [];
  if (trace) return trace;
  const [, gtin] = GS1.exec(plain) || [];
  return gtin || (GTIN.test(plain) ? plain.padStart(14, "0") : "");
}

/** A number as typed, null for nothing, NaN for what is no number. */
export function number(text) {
  const typed = text.normalize("NFKC").trim().replace(",", ".");
  return typed ? Number(typed) : null;
}

/**
 * By our own id where one was chosen; else a code of a box, an approval number, or a name.
 * @param {{written: string, product: string, strength: string, count: string, times: string}} typed
 * @param {{box_codes: Object<string, string>}} data
 */
export function itemOf({ written, product, strength, count, times }, data) {
  const amounts = { count: number(count), times: number(times) };
  const name = written.trim();
  if (product) return { ...amounts, name, product };
  const item = { ...amounts, strength_mg: number(strength) };
  const code = productCode(name);
  if (code) {
    const known = data.box_codes[code];
    return known ? { ...item, name, product: known } : { ...item, code: name };
  }
  const sign = name.normalize("NFKC").replace(/\s/g, "").toUpperCase();
  return APPROVAL.test(sign) ? { ...item, approval: sign } : { ...item, name };
}

/** Months of an age in years and months, null where neither is known. */
export function months(years, more) {
  const [y, m] = [number(years), number(more)];
  return y === null && m === null ? null : (y || 0) * 12 + (m || 0);
}
