// Small helpers that every part of the screen's map shares.

/**
 * What `maps.py` tells the map.
 * @typedef {{ regions: string, grids: string, cells: string, cases?: string, played?: string, list?: string,
 *   places?: Record<string, string>, masked?: boolean, focus?: Focus, on: string[], base: Record<string, string>, words: Record<string, string> }} Told
 * @typedef {{ lon: number, lat: number, title: string, url: string }} Focus the place of an emergency
 * @typedef {typeof import("maplibre-gl")} Library
 * @typedef {import("maplibre-gl").Map} MapLibre
 */

export const NOTHING = /** @type {any} */ ({ type: "FeatureCollection", features: [] });

/**
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
export async function json(url, signal) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, signal });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}

/**
 * @param {string} url
 * @param {Record<string, string | undefined>} query what is undefined is left out
 */
export function withQuery(url, query) {
  const pairs = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return `${url}${url.includes("?") ? "&" : "?"}${pairs}`;
}

/** @param {MapLibre} map */
export function windowOf(map) {
  const box = map.getBounds();
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((side) => side.toFixed(5)).join(",");
}

/**
 * A card on the map. Text nodes only: what residents wrote is never read as HTML.
 * @param {Library} library
 * @param {MapLibre} map
 * @param {any} at
 * @param {{ title: string, rest?: string, url?: string, say?: string, act?: () => void }[]} lines
 */
export function showCard(library, map, at, lines) {
  const box = document.createElement("div");
  box.className = "centre-card";
  box.append(...lines.map(line));
  return new library.Popup({ maxWidth: "22rem", focusAfterOpen: true }).setLngLat(at).setDOMContent(box).addTo(map);
}

/** @param {{ title: string, rest?: string, url?: string, say?: string, act?: () => void }} told */
function line({ title, rest, url, say, act }) {
  const part = document.createElement("p");
  if (title) part.append(Object.assign(document.createElement("strong"), { textContent: title }));
  if (rest) part.append(Object.assign(document.createElement("span"), { textContent: rest }));
  if (url) part.append(Object.assign(document.createElement("a"), { href: url, textContent: say ?? title }));
  if (act) part.append(button(say ?? "", act));
  return part;
}

/**
 * @param {string} say
 * @param {() => void} act
 */
function button(say, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn-link", textContent: say });
  made.addEventListener("click", act);
  return made;
}

/**
 * How much larger than usual the page is drawn, as on a 4K wall.
 * @returns {number}
 */
export function scale() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
