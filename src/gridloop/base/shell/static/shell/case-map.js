// A map that needs no outside tile: the town's own regions are the ground, cases are points on it.

/**
 * data-regions-url  GeoJSON of the ground
 * data-cases-url    GeoJSON of cases in a window, asked with ?bbox=w,s,e,n
 * data-lon, data-lat  a point to show
 * data-lon-input, data-lat-input  selectors of inputs that a click fills
 * @typedef {import("maplibre-gl").Map} MapLibre
 */

const NO_DATA = { type: "FeatureCollection", features: [] };
const CLUSTERED = ["has", "point_count"];

/** @param {HTMLElement} element */
export default async function caseMap(element) {
  const path = new URL("../maplibre/maplibre-gl.mjs", import.meta.url).href;
  const maplibre = /** @type {typeof import("maplibre-gl")} */ (await import(path));
  if ("setWorkerUrl" in maplibre) {
    maplibre.setWorkerUrl(new URL("../maplibre/maplibre-gl-worker.mjs", import.meta.url).href);
  }
  const regions = await json(element.dataset.regionsUrl);
  const map = new maplibre.Map({
    container: element,
    attributionControl: false,
    style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#eef2f7" } }] },
    ...view(element, regions),
  });
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.on("load", () => {
    drawGround(map, regions);
    if (element.dataset.casesUrl) drawCases(map, element.dataset.casesUrl);
    showPoint(maplibre, map, element);
    element.dataset.ready = "";
  });
}

/** @param {string | undefined} url */
async function json(url) {
  if (!url) return NO_DATA;
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  return response.ok ? response.json() : NO_DATA;
}

/** Look at the point if there is one, at the whole town otherwise. @param {HTMLElement} element @param {any} regions */
function view(element, regions) {
  const { lon, lat } = element.dataset;
  if (lon && lat) return { center: /** @type {[number, number]} */ ([Number(lon), Number(lat)]), zoom: 14 };
  const box = regions.bbox;
  return box ? { bounds: /** @type {[number, number, number, number]} */ (box), fitBoundsOptions: { padding: 20 } } : { center: /** @type {[number, number]} */ ([120, 31.7]), zoom: 10 };
}

/** @param {MapLibre} map @param {any} regions */
function drawGround(map, regions) {
  map.addSource("regions", { type: "geojson", data: regions });
  map.addLayer({ id: "region-fill", type: "fill", source: "regions", paint: { "fill-color": "#ffffff", "fill-opacity": 0.7 } });
  map.addLayer({ id: "region-line", type: "line", source: "regions", paint: { "line-color": "#9db2cf", "line-width": ["case", ["==", ["get", "level"], "grid"], 0.6, 1.6] } });
}

/** @param {MapLibre} map @param {string} url */
function drawCases(map, url) {
  map.addSource("cases", { type: "geojson", data: /** @type {any} */ (NO_DATA), cluster: true, clusterRadius: 40 });
  const isLate = ["==", ["get", "late"], true];
  map.addLayer({ id: "clusters", type: "circle", source: "cases", filter: /** @type {any} */ (CLUSTERED), paint: { "circle-color": "#1a4b8c", "circle-opacity": 0.75, "circle-radius": ["interpolate", ["linear"], ["get", "point_count"], 2, 11, 100, 26] } });
  map.addLayer({ id: "points", type: "circle", source: "cases", filter: /** @type {any} */ (["!", CLUSTERED]), paint: { "circle-color": /** @type {any} */ (["case", isLate, "#d63939", "#2f9e44"]), "circle-radius": 6, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } });
  const refresh = async () => {
    const box = map.getBounds();
    const sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((side) => side.toFixed(5));
    const join = url.includes("?") ? "&" : "?";
    const source = /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("cases"));
    source.setData(await json(`${url}${join}bbox=${sides.join(",")}`));
  };
  map.on("moveend", refresh);
  map.on("click", "points", (event) => {
    const target = event.features?.[0]?.properties?.url;
    if (target) window.location.assign(target);
  });
  map.on("click", "clusters", (event) => map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 2 }));
  for (const layer of ["points", "clusters"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  refresh();
}

/** @param {typeof import("maplibre-gl")} maplibre @param {MapLibre} map @param {HTMLElement} element */
function showPoint(maplibre, map, element) {
  const { lon, lat, lonInput, latInput } = element.dataset;
  const inputs = [lonInput, latInput].map((selector) => /** @type {HTMLInputElement | null} */ (selector ? document.querySelector(selector) : null));
  const marker = new maplibre.Marker({ color: "#d63939" });
  /** @param {number} x @param {number} y */
  const put = (x, y) => {
    marker.setLngLat([x, y]).addTo(map);
    if (inputs[0] && inputs[1]) [inputs[0].value, inputs[1].value] = [x.toFixed(6), y.toFixed(6)];
  };
  const start = [Number(lon || inputs[0]?.value), Number(lat || inputs[1]?.value)];
  if (start[0] && start[1]) put(start[0], start[1]);
  if (!inputs[0]) return;
  map.getCanvas().style.cursor = "crosshair";
  map.on("click", (event) => put(event.lngLat.lng, event.lngLat.lat));
  const here = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-use-my-position]"));
  if (!here || !navigator.geolocation) return;
  here.hidden = false;
  here.addEventListener("click", () => {
    here.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { put(coords.longitude, coords.latitude); map.easeTo({ center: [coords.longitude, coords.latitude], zoom: 15 }); here.disabled = false; },
      () => { here.disabled = false; here.textContent = here.dataset.failed ?? ""; },
      { enableHighAccuracy: true, timeout: 10000 },
    );
  });
}
