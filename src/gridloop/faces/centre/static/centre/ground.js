// The ground of the screen's map: regions, grids, their names, and a base map where the town has set one.
import { boundsOf, labelRegions } from "../shell/map-regions.js";
import { NOTHING, json } from "./words.js";
import { addBase } from "./base-map.js";

/**
 * @typedef {import("./words.js").Told} Told
 * @typedef {import("./words.js").Library} Library
 * @typedef {import("./words.js").MapLibre} MapLibre
 */

const MOST_PIXELS = 2; // more of them cost four times the work and nobody sees them from across a room
const SOMEWHERE = /** @type {[number, number]} */ ([120, 31.7]);
const COLOURS = {
  light: { ground: "#e9eef5", fill: "#ffffff", line: "#9db2cf", grid: "#c9d5e6" },
  dark: { ground: "#0b1119", fill: "#151e2a", line: "#4a6285", grid: "#2a3a50" },
};

/** @returns {Promise<Library>} */
export async function load() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("../maplibre/maplibre-gl.css", import.meta.url).href;
  document.head.prepend(sheet);
  return import(new URL("../maplibre/maplibre-gl.mjs", import.meta.url).href);
}

/**
 * @param {Library} library
 * @param {HTMLElement} element
 * @param {Told} told
 */
export async function create(library, element, told) {
  const regions = told.regions ? await json(told.regions) : NOTHING;
  const box = boundsOf(regions);
  const map = new library.Map({
    container: element,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    pixelRatio: Math.min(devicePixelRatio, MOST_PIXELS),
    locale: { "NavigationControl.ZoomIn": told.words.zoomIn, "NavigationControl.ZoomOut": told.words.zoomOut, "Popup.Close": told.words.close, "Map.Title": element.getAttribute("aria-label") ?? "" },
    style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background" }] },
    ...(box ? { bounds: box, fitBoundsOptions: { padding: 24 } } : { center: SOMEWHERE, zoom: 10 }),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  if (box) map.setMaxBounds(widened(box));
  await new Promise((done) => map.once("load", done));
  draw(library, map, told, regions);
  return map;
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
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 * @param {any} regions
 */
function draw(library, map, told, regions) {
  const hasBase = addBase(map, told.base);
  map.addSource("regions", { type: "geojson", data: regions });
  map.addLayer({ id: "region-fill", type: "fill", source: "regions", paint: { "fill-opacity": hasBase ? 0 : 1 } });
  map.addSource("grids", { type: "geojson", data: NOTHING });
  map.addLayer({ id: "grid-line", type: "line", source: "grids", layout: { visibility: "none" }, paint: { "line-width": 0.8 } });
  map.addLayer({ id: "region-line", type: "line", source: "regions", paint: { "line-width": 1.6 } });
  labelRegions(library, map, regions);
  const paint = () => {
    const colours = document.documentElement.dataset.bsTheme === "dark" ? COLOURS.dark : COLOURS.light;
    map.setPaintProperty("ground", "background-color", colours.ground);
    map.setPaintProperty("region-fill", "fill-color", colours.fill);
    map.setPaintProperty("region-line", "line-color", colours.line);
    map.setPaintProperty("grid-line", "line-color", colours.grid);
  };
  paint();
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

/**
 * Grids are asked for when somebody first wants to see them.
 * @param {MapLibre} map
 * @param {Told} told
 */
export function gridLayer(map, told) {
  let isLoaded = false;
  return async (/** @type {boolean} */ isOn) => {
    if (isOn && !isLoaded) {
      isLoaded = true;
      /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("grids")).setData(await json(told.grids));
    }
    map.setLayoutProperty("grid-line", "visibility", isOn ? "visible" : "none");
  };
}
