// A map below the list, once somebody asks for it: the cards of the page as points on a plain ground.
// Nothing is drawn that the list does not say, and no other server is asked for anything.

const CLOSEST_ZOOM = 15;
const FARTHEST_ZOOM = 4;
const ALONE_ZOOM = 13;
// So many of the list are in sight at first, and larger; the others are found by going farther.
const FIRST = 3;
const POINT_PX = 44;
// Shape beside colour, as in the words of the list.
const SIGNS = { open: "✓", maybe: "◆", closed: "▲" };

const asking = /** @type {HTMLElement | null} */ (document.querySelector("#map-asked"));

/**
 * One facility of the page, with its number; the nearest emergency department may stand at the head
 * and in the list, and is one point.
 * @typedef {{number: number, cards: HTMLElement[], lat: number, lon: number, word: string}} Point
 */

/** @returns {Point[]} */
function points() {
  const found = new Map();
  for (const card of document.querySelectorAll("article[data-lat]")) {
    const { code, lat, lon, word } = card.dataset;
    const known = found.get(code);
    if (known) known.cards.push(card);
    else found.set(code, { number: found.size + 1, cards: [card], lat: +lat, lon: +lon, word });
  }
  return [...found.values()];
}

/** @param {string} tag @param {Record<string, string>} attributes @returns {Promise<void>} */
function loaded(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = () => resolve();
    element.onerror = reject;
    document.head.append(element);
  });
}

async function show() {
  const button = asking.querySelector("button");
  button.disabled = true;
  try {
    const { leaflet, leafletStyle, style } = asking.dataset;
    await Promise.all([
      loaded("script", { src: leaflet }),
      loaded("link", { rel: "stylesheet", href: leafletStyle }),
      loaded("link", { rel: "stylesheet", href: style }),
    ]);
  } catch {
    button.disabled = false;
    document.querySelector("#map-refused").hidden = false;
    return;
  }
  asking.hidden = true;
  draw();
}

function draw() {
  const ground = document.querySelector("#map");
  ground.hidden = false;
  const { zoomIn, zoomOut, here, lat, lon } = ground.dataset;
  const map = L.map(ground, {
    attributionControl: false,
    fadeAnimation: false,
    maxZoom: CLOSEST_ZOOM,
    minZoom: FARTHEST_ZOOM,
    zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    zoomControl: false,
  });
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const shown = points();
  const places = shown.slice(0, FIRST).map((point) => [point.lat, point.lon]);
  if (lat) {
    places.push([+lat, +lon]);
    L.marker([+lat, +lon], { icon: sign("here", "+"), interactive: false, keyboard: false })
      .bindTooltip(here, { permanent: true, direction: "bottom", offset: [0, 12] })
      .addTo(map);
  }
  map.fitBounds(L.latLngBounds(places).pad(0.4), { maxZoom: ALONE_ZOOM });
  for (const point of shown) put(point, map);
  ground.focus();
}

/** @param {string} kind @param {string} text */
function sign(kind, text) {
  const mark = document.createElement("span");
  mark.textContent = text;
  return L.divIcon({ className: `point ${kind}`, html: mark, iconSize: [POINT_PX, POINT_PX] });
}

/** @param {Point} point */
function put(point, map) {
  const link = point.cards[0].querySelector("h3 a");
  const title = `${point.number} · ${link.textContent}`;
  const size = point.number <= FIRST ? "first" : "";
  L.marker([point.lat, point.lon], {
    alt: title,
    icon: sign(`${point.word} ${size}`, `${SIGNS[point.word] ?? ""}${point.number}`),
    riseOnHover: true,
    title,
    // Of points upon each other the one that comes first in the list is on top.
    zIndexOffset: -1000 * point.number,
  })
    .bindPopup(() => said(point, link, title))
    .addTo(map);
  for (const card of point.cards) {
    const number = document.createElement("span");
    number.textContent = `${point.number} · `;
    card.querySelector("h3").prepend(number);
  }
}

/** What the card says first, and the way to the rest. */
function said(point, link, title) {
  const box = document.createElement("div");
  const word = document.createElement("p");
  word.textContent = point.cards[0].querySelector("p").textContent.trim().replace(/\s+/g, " ");
  const way = Object.assign(document.createElement("a"), { href: link.href, textContent: title });
  box.append(way, word);
  return box;
}

if (asking && points().length) {
  asking.hidden = false;
  asking.querySelector("button").addEventListener("click", show);
}
