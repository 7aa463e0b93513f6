// Names of regions as HTML: a label in the map's own layers would need a glyph server.

/**
 * @typedef {[number, number, number, number]} Box west, south, east, north
 * @typedef {{ box: Box, name: string, marker: import("maplibre-gl").Marker, isShown: boolean }} Label
 */

const CHARACTER_PX = 13;
const MAX_LABELS = 80;

/**
 * @param {any} regions GeoJSON
 * @returns {Box | null}
 */
export function boundsOf(regions) {
  if (regions.bbox) return regions.bbox;
  const boxes = regions.features.map((/** @type {any} */ feature) => boxOf(feature.geometry)).filter(Boolean);
  return boxes.length ? boxes.reduce(join) : null;
}

/**
 * @param {any} geometry
 * @returns {Box | null}
 */
function boxOf(geometry) {
  const flat = geometry?.coordinates?.flat(Infinity) ?? [];
  if (!flat.length) return null;
  /** @type {Box} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < flat.length; i += 2) {
    box[0] = Math.min(box[0], flat[i]);
    box[1] = Math.min(box[1], flat[i + 1]);
    box[2] = Math.max(box[2], flat[i]);
    box[3] = Math.max(box[3], flat[i + 1]);
  }
  return box;
}

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
function join(a, b) {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/**
 * Show each region's name once the region is wide enough on the screen for it, the larger regions first.
 * @param {typeof import("maplibre-gl")} library
 * @param {import("maplibre-gl").Map} map
 * @param {any} regions
 */
export function labelRegions(library, map, regions) {
  /** @type {Label[]} */
  const labels = [];
  for (const feature of regions.features) {
    const box = boxOf(feature.geometry);
    if (box && feature.properties?.name) labels.push(label(library, box, feature.properties.name));
  }
  labels.sort((a, b) => area(b.box) - area(a.box));
  const update = () => show(map, labels);
  map.on("moveend", update);
  update();
}

/**
 * @param {typeof import("maplibre-gl")} library
 * @param {Box} box
 * @param {string} name
 * @returns {Label}
 */
function label(library, box, name) {
  const element = document.createElement("span");
  element.className = "gl-map-label";
  element.textContent = name;
  const marker = new library.Marker({ element }).setLngLat([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
  return { box, name, marker, isShown: false };
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {Label[]} labels
 */
function show(map, labels) {
  const window = map.getBounds();
  /** @type {{ x: number, y: number, half: number }[]} */
  const taken = [];
  for (const one of labels) {
    const at = map.project(one.marker.getLngLat());
    const half = (one.name.length * CHARACTER_PX) / 2;
    const width = map.project([one.box[2], one.box[1]]).x - map.project([one.box[0], one.box[1]]).x;
    const isFree = taken.every((other) => Math.abs(other.y - at.y) > 18 || Math.abs(other.x - at.x) > other.half + half);
    const isShown = window.contains(one.marker.getLngLat()) && width > half * 2 && isFree && taken.length < MAX_LABELS;
    if (isShown) taken.push({ x: at.x, y: at.y, half });
    if (isShown && !one.isShown) one.marker.addTo(map);
    if (!isShown && one.isShown) one.marker.remove();
    one.isShown = isShown;
  }
}

/** @param {Box} box */
function area(box) {
  return (box[2] - box[0]) * (box[3] - box[1]);
}
