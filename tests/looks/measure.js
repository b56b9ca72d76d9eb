// What axe does not measure. Returns sentences, [] when nothing is wrong.
() => {
  const wrong = [];
  const wide = document.documentElement.clientWidth;
  const thumb = wide < 640 ? 43.5 : 23.5; // a mouse needs 24 px (WCAG 2.5.8), a thumb 44
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const said = (e) => `<${e.tagName.toLowerCase()}> ${(e.textContent || e.name || "").trim().slice(0, 40)}`;
  const size = (e) => parseFloat(getComputedStyle(e).fontSize);

  if (document.documentElement.scrollWidth > wide) wrong.push(`scrolls sideways to ${document.documentElement.scrollWidth} px`);
  if (wide < 640)
    for (const box of document.querySelectorAll(".table-wrap, .wrap"))
      if (box.scrollWidth > box.clientWidth + 1) wrong.push(`a table is cut at ${box.clientWidth} of ${box.scrollWidth} px`);

  const headings = document.querySelectorAll("h1").length;
  if (headings !== 1) wrong.push(`has ${headings} h1`);

  // A link inside a sentence may be as low as its line; whatever stands alone may not.
  const within = (e) =>
    e.tagName === "A" && getComputedStyle(e).display === "inline" && e.parentElement.textContent.trim() !== e.textContent.trim();
  const target = (e) => {
    const label = e.closest("label") || (e.id && document.querySelector(`label[for="${e.id}"]`));
    const box = /^(checkbox|radio)$/.test(e.type) && label ? label : e;
    // A link alone in a cell: the table's row is what is hit with a mouse.
    return box.getBoundingClientRect().height;
  };
  for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(e) || e.getBoundingClientRect().right < 0 || e.closest("svg") || within(e)) continue;
    if (target(e) < thumb) wrong.push(`${said(e)} is ${Math.round(target(e))} px high`);
  }

  for (const e of document.querySelectorAll("body *")) {
    const words = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (words && shown(e) && !e.closest("svg, template, script") && size(e) < 13.9) wrong.push(`${said(e)} is written in ${size(e)} px`);
  }
  const primary = [...document.querySelectorAll("main button, main [role=button], main .button")].filter(
    (e) => shown(e) && !e.matches(".secondary, .second, .danger"),
  );
  if (primary.length > 1) wrong.push(`has ${primary.length} primary buttons: ${primary.map((e) => e.textContent.trim()).join(", ")}`);
  return wrong;
}
