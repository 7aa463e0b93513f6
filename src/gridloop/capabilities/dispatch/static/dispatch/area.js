// Drawing a line around cases on the map: what lies in it becomes a filter of the queue, and stands in the address.
import { create, drawGround, json, load } from "../shell/case-map.js";
import { labelRegions } from "../shell/map-regions.js";

/**
 * @typedef {import("maplibre-gl").Map} MapLibre
 * @typedef {[number, number]} Point
 */

const MOST_CORNERS = 120;
/** @param {HTMLElement} element a <details>; the map is made when it is opened first */
export default function area(element) {
  const open = () => void make(element).catch((error) => { console.warn("map", error); say(element, element.dataset.sayFailed); });
  if (element.hasAttribute("open")) open();
  else element.addEventListener("toggle", open, { once: true });
}

/** @param {HTMLElement} element */
async function make(element) {
  const holder = /** @type {HTMLElement} */ (element.querySelector(".gl-map"));
  const [library, regions, cases] = await Promise.all([load(), json(element.dataset.regionsUrl), json(pointsUrl(element))]);
  const map = create(library, holder, regions);
  await new Promise((done) => map.once("load", done));
  drawGround(map, regions);
  labelRegions(library, map, regions);
  drawPoints(map, cases);
  drawArea(map);
  const drawing = lasso(map, element, (corners) => choose(element, corners));
  holder.append(tools(element, drawing));
  holder.dataset.ready = "";
}

/**
 * All that passes the other filters, whatever is drawn already.
 * @param {HTMLElement} element
 */
function pointsUrl(element) {
  return `${element.dataset.pointsUrl ?? ""}${location.search}`;
}

/**
 * @param {HTMLElement} element
 * @param {string | undefined} text
 */
function say(element, text) {
  const holder = /** @type {HTMLElement} */ (element.querySelector(".gl-map"));
  let line = holder.querySelector(".gl-map-say");
  if (!line) {
    line = document.createElement("div");
    line.className = "gl-map-say";
    line.setAttribute("role", "status");
    holder.append(line);
  }
  line.textContent = text ?? "";
}

/**
 * @param {MapLibre} map
 * @param {any} cases
 */
function drawPoints(map, cases) {
  map.addSource("cases", { type: "geojson", data: cases });
  const colour = /** @type {any} */ (["case", ["==", ["get", "late"], true], "#c92a3c", "#2f7d4f"]);
  map.addLayer({ id: "cases", type: "circle", source: "cases", paint: { "circle-color": colour, "circle-radius": 6, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } });
}

/** @param {MapLibre} map */
function drawArea(map) {
  map.addSource("area", { type: "geojson", data: shape(current()) });
  map.addLayer({ id: "area-fill", type: "fill", source: "area", paint: { "fill-color": "#d97706", "fill-opacity": 0.18 } });
  map.addLayer({ id: "area-line", type: "line", source: "area", paint: { "line-color": "#d97706", "line-width": 2 } });
}

/** @returns {Point[]} what the address says was drawn */
function current() {
  const text = new URLSearchParams(location.search).get("area") ?? "";
  return text.split(" ").filter(Boolean).map((corner) => /** @type {Point} */ (corner.split(",").map(Number)));
}

/** @param {Point[]} corners */
function shape(corners) {
  const ring = corners.length ? [...corners, /** @type {Point} */ (corners[0])] : [];
  return /** @type {any} */ ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: ring.length ? [ring] : [] } });
}

/**
 * While it is on, dragging draws a line instead of moving the map; letting go closes the line.
 * @param {MapLibre} map
 * @param {HTMLElement} element
 * @param {(corners: Point[]) => void} done
 */
function lasso(map, element, done) {
  const canvas = map.getCanvasContainer();
  const source = () => /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("area"));
  /** @type {Point[]} */
  let corners = [];
  let isOn = false;
  const at = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const { lng, lat } = map.unproject([event.clientX - box.left, event.clientY - box.top]);
    return /** @type {Point} */ ([lng, lat]);
  };
  const set = (/** @type {boolean} */ value) => {
    isOn = value;
    element.classList.toggle("is-drawing", isOn);
    for (const handler of [map.dragPan, map.touchZoomRotate, map.doubleClickZoom]) handler[isOn ? "disable" : "enable"]();
    canvas.style.touchAction = isOn ? "none" : "";
    say(element, isOn ? element.dataset.sayDrawing : "");
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!isOn) return;
    corners = [at(event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isOn || !corners.length) return;
    corners.push(at(event));
    source().setData(shape(corners));
  });
  canvas.addEventListener("pointerup", () => {
    if (!isOn || corners.length < 3) return;
    const drawn = corners;
    corners = [];
    set(false);
    done(thinned(drawn));
  });
  return { toggle: () => set(!isOn), clear: () => source().setData(shape([])) };
}

/**
 * A line as it was drawn has a corner for every pixel; the address has no room for them.
 * @param {Point[]} corners
 */
function thinned(corners) {
  const step = Math.max(1, Math.ceil(corners.length / MOST_CORNERS));
  return corners.filter((_corner, n) => n % step === 0);
}

/**
 * @param {HTMLElement} element
 * @param {{ toggle: () => void, clear: () => void }} drawing
 */
function tools(element, drawing) {
  const box = document.createElement("div");
  box.className = "gl-map-tools";
  box.append(
    button(element.dataset.sayDraw, drawing.toggle),
    button(element.dataset.sayClear, () => { drawing.clear(); choose(element, []); }),
  );
  return box;
}

/**
 * @param {string | undefined} label
 * @param {() => void} act
 */
function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.textContent = label ?? "";
  made.addEventListener("click", act);
  return made;
}

/**
 * Put the area into the filters, which ask for the queue anew.
 * @param {HTMLElement} element
 * @param {Point[]} corners
 */
function choose(element, corners) {
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector("#id_area"));
  if (!input) return;
  input.value = corners.map(([lon, lat]) => `${lon.toFixed(5)},${lat.toFixed(5)}`).join(" ");
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
