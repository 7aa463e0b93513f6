// The place of an emergency: where it is, and how far everything is from it.
import { showCard } from "./words.js";

/**
 * @typedef {import("./words.js").Focus} Focus
 * @typedef {import("./words.js").MapLibre} MapLibre
 */

const RINGS_M = [500, 1000, 2000];
const METRES_A_DEGREE = 111_320;
const CORNERS = 72;

/**
 * @param {import("./words.js").Library} library
 * @param {MapLibre} map
 * @param {Focus} focus
 */
export function focusOn(library, map, focus) {
  const at = /** @type {[number, number]} */ ([focus.lon, focus.lat]);
  const element = Object.assign(document.createElement("button"), { type: "button", className: "centre-focus", title: focus.title });
  element.setAttribute("aria-label", focus.title);
  element.addEventListener("click", () => showCard(library, map, at, [{ title: "", url: focus.url, say: focus.title }]));
  new library.Marker({ element }).setLngLat(at).addTo(map);
  map.jumpTo({ center: at, zoom: 14 });
}

/**
 * @param {MapLibre} map
 * @param {Focus} focus
 */
export function ringLayer(map, focus) {
  const features = RINGS_M.map((metres) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: ring(focus, metres) } }));
  map.addSource("rings", { type: "geojson", data: /** @type {any} */ ({ type: "FeatureCollection", features }) });
  map.addLayer({ id: "rings", type: "line", source: "rings", paint: { "line-color": "#c92a3c", "line-width": 1.5, "line-dasharray": [3, 3], "line-opacity": 0.7 } });
  return (/** @type {boolean} */ isOn) => map.setLayoutProperty("rings", "visibility", isOn ? "visible" : "none");
}

/**
 * @param {Focus} focus
 * @param {number} metres
 */
function ring({ lon, lat }, metres) {
  const [dy, dx] = [metres / METRES_A_DEGREE, metres / (METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180))];
  return Array.from({ length: CORNERS + 1 }, (_, n) => {
    const turn = (n / CORNERS) * 2 * Math.PI;
    return [lon + dx * Math.cos(turn), lat + dy * Math.sin(turn)];
  });
}
