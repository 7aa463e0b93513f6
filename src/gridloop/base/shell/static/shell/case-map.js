// A map that needs nothing from outside: the town's own regions are the ground, cases are clustered points on it.
import { pickTools } from "./map-pick.js";
import { boundsOf, labelRegions } from "./map-regions.js";
import { drawCases } from "./map-cases.js";

/**
 * data-regions-url  GeoJSON of the ground, features with `name` and `level`
 * data-cases-url    GeoJSON of cases in a window, asked with ?bbox=w,s,e,n; features with `number`, `title`, `url`, `late`
 *                   and the collection's own `truncated` where there are more; data-refresh-s asks again by itself
 * data-lon, data-lat              a point to show
 * data-lon-input, data-lat-input  selectors of the inputs that picking a place fills
 * data-say-*        what the map says, in the language of the page
 * @typedef {import("maplibre-gl").Map} MapLibre
 * @typedef {typeof import("maplibre-gl")} Library
 */

const NOTHING = { type: "FeatureCollection", features: [] };
const SOMEWHERE = /** @type {[number, number]} */ ([120, 31.7]);
const COLOURS = {
  light: { ground: "#e9eef5", fill: "#ffffff", line: "#9db2cf" },
  dark: { ground: "#10161f", fill: "#1b2635", line: "#4a6285" },
};

/** @param {HTMLElement} element */
export default async function caseMap(element) {
  const say = speaker(element);
  const pick = pickTools(element, say);
  try {
    const [library, regions] = await Promise.all([load(), json(element.dataset.regionsUrl)]);
    const map = create(library, element, regions);
    map.once("load", () => {
      drawGround(map, regions);
      labelRegions(library, map, regions);
      if (element.dataset.casesUrl) drawCases(library, map, element, say);
      element.dataset.ready = "";
    });
    pick.attach(library, map);
  } catch (error) {
    console.warn("map", error);
    say(element.dataset.sayFailed);
  }
}

/** @returns {Promise<Library>} */
export async function load() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("../maplibre/maplibre-gl.css", import.meta.url).href;
  document.head.prepend(sheet);
  return import(new URL("../maplibre/maplibre-gl.mjs", import.meta.url).href);
}

/** @param {string | undefined} url */
export async function json(url) {
  if (!url) return NOTHING;
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  return response.ok ? response.json() : NOTHING;
}

/**
 * A line of text on the map that a screen reader reads out.
 * @param {HTMLElement} element
 */
function speaker(element) {
  const line = document.createElement("div");
  line.className = "gl-map-say";
  line.setAttribute("role", "status");
  element.append(line);
  return (/** @type {string | undefined} */ text) => (line.textContent = text ?? "");
}

/**
 * @param {Library} library
 * @param {HTMLElement} element
 * @param {any} regions
 */
export function create(library, element, regions) {
  const { sayZoomIn = "+", sayZoomOut = "-", sayClose = "×" } = element.dataset;
  const box = boundsOf(regions);
  const map = new library.Map({
    container: element,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    locale: {
      "NavigationControl.ZoomIn": sayZoomIn,
      "NavigationControl.ZoomOut": sayZoomOut,
      "Popup.Close": sayClose,
      "Map.Title": element.getAttribute("aria-label") ?? "",
    },
    style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background" }] },
    ...view(element, box),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  if (box) map.setMaxBounds(widened(box));
  return map;
}

/**
 * Look at the point if there is one, at the whole town otherwise.
 * @param {HTMLElement} element
 * @param {[number, number, number, number] | null} box
 */
function view(element, box) {
  const { lon, lat } = element.dataset;
  if (lon && lat) return { center: /** @type {[number, number]} */ ([Number(lon), Number(lat)]), zoom: 14.5 };
  return box ? { bounds: box, fitBoundsOptions: { padding: 24 } } : { center: SOMEWHERE, zoom: 10 };
}

/**
 * Nobody should lose the town by dragging.
 * @param {[number, number, number, number]} box
 * @returns {[number, number, number, number]}
 */
function widened([west, south, east, north]) {
  const [dx, dy] = [Math.max(east - west, 0.05) * 1.5, Math.max(north - south, 0.05) * 1.5];
  return [west - dx, south - dy, east + dx, north + dy];
}

/**
 * @param {MapLibre} map
 * @param {any} regions
 */
export function drawGround(map, regions) {
  const isFine = /** @type {any} */ (["in", ["get", "level"], ["literal", ["grid", "micro_grid"]]]);
  map.addSource("regions", { type: "geojson", data: regions });
  map.addLayer({ id: "region-fill", type: "fill", source: "regions" });
  map.addLayer({ id: "region-line", type: "line", source: "regions", paint: { "line-width": ["case", isFine, 0.6, 1.4] } });
  const paint = () => {
    const isDark = document.documentElement.dataset.bsTheme === "dark";
    const colours = isDark ? COLOURS.dark : COLOURS.light;
    map.setPaintProperty("ground", "background-color", colours.ground);
    map.setPaintProperty("region-fill", "fill-color", colours.fill);
    map.setPaintProperty("region-line", "line-color", colours.line);
  };
  paint();
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}
