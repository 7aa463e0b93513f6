// Cases on the map: squares of the screen with their count, and the cases one by one where they are few.
import { keptFresh } from "./fresh.js";
import { NOTHING, json, scale, showCard, windowOf, withQuery } from "./words.js";

/**
 * @typedef {import("./words.js").Told} Told
 * @typedef {import("./words.js").Library} Library
 * @typedef {import("./words.js").MapLibre} MapLibre
 * @typedef {{ x: number, y: number, count: number, late: number, size: number }} Square
 */

const FEW = 250; // as many cases as a screen shows one by one
const WAIT_MS = 150;
const MOST_ON_CARD = 8;
const IS_LATE = /** @type {any} */ (["==", ["get", "late"], true]);

/**
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 */
export function caseLayer(library, map, told) {
  const squares = new Squares(library, map, told);
  let isLateOnly = false;
  addPoints(library, map, told);

  const ask = async (/** @type {AbortSignal} */ signal) => {
    const box = windowOf(map);
    // What is masked is coarse anyway, so it may be parted as finely as that allows.
    const zoom = Math.max(0, map.getZoom() + (told.masked ? 1 : 0) - Math.log2(scale()));
    const found = await json(withQuery(told.cells, { bbox: box, zoom: zoom.toFixed(2), late: isLateOnly ? "1" : undefined }), signal);
    const isFew = Boolean(told.cases) && found.total <= FEW && !isLateOnly;
    const cases = isFew ? await json(withQuery(told.cases ?? "", { bbox: box }), signal) : NOTHING;
    source(map).setData(cases);
    squares.show(isFew ? [] : found.features);
    map.getContainer().dataset.cases = String(found.total);
  };
  const clear = () => {
    source(map).setData(NOTHING);
    squares.show([]);
  };
  const { set, again } = keptFresh(map, WAIT_MS, ask, clear);
  return {
    set,
    setLateOnly: (/** @type {boolean} */ on) => {
      isLateOnly = on;
      again();
    },
  };
}

/** @param {MapLibre} map */
const source = (map) => /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("cases"));

/**
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 */
function addPoints(library, map, told) {
  map.addSource("cases", { type: "geojson", data: NOTHING });
  map.addLayer({
    id: "cases",
    type: "circle",
    source: "cases",
    paint: { "circle-color": ["case", IS_LATE, "#c92a3c", "#2f7d4f"], "circle-radius": 6 * scale(), "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 * scale() },
  });
  map.on("click", "cases", (event) => showCard(library, map, event.lngLat, caseLines(event.features ?? [], told)));
  map.on("mouseenter", "cases", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "cases", () => (map.getCanvas().style.cursor = ""));
}

/**
 * @param {any[]} features
 * @param {Told} told
 */
export function caseLines(features, told) {
  return features.slice(0, MOST_ON_CARD).map(({ properties: p }) => ({ title: p.title, rest: [p.number, p.state, p.late ? told.words.late : ""].filter(Boolean).join(" · "), url: p.url, say: told.words.openCase }));
}

/** The squares' numbers as buttons, which the keyboard reaches; kept as long as their square has cases. */
class Squares {
  /**
   * @param {Library} library
   * @param {MapLibre} map
   * @param {Told} told
   */
  constructor(library, map, told) {
    this.library = library;
    this.map = map;
    this.told = told;
    /** @type {Map<string, import("maplibre-gl").Marker>} */
    this.shown = new Map();
  }

  /** @param {any[]} features */
  show(features) {
    const wanted = new Map(features.map((feature) => [keyOf(feature.properties), feature]));
    for (const [key, marker] of this.shown) {
      if (wanted.has(key)) continue;
      marker.remove();
      this.shown.delete(key);
    }
    for (const [key, { geometry, properties }] of wanted) {
      const marker = this.shown.get(key) ?? this.add(key, geometry.coordinates);
      marker.setLngLat(geometry.coordinates);
      dress(marker.getElement(), properties, this.told);
    }
  }

  /**
   * @param {string} key
   * @param {[number, number]} at
   */
  add(key, at) {
    const element = document.createElement(this.told.masked ? "span" : "button");
    element.className = "gl-map-cluster";
    if (element instanceof HTMLButtonElement) {
      element.type = "button";
      element.addEventListener("click", () => this.open(element, key));
    }
    const marker = new this.library.Marker({ element }).setLngLat(at).addTo(this.map);
    this.shown.set(key, marker);
    return marker;
  }

  /**
   * @param {HTMLElement} element
   * @param {string} key
   */
  open(element, key) {
    const marker = this.shown.get(key);
    if (!marker) return;
    const [x, y, size] = key.split(":").map(Number);
    const box = [x * size, y * size, (x + 1) * size, (y + 1) * size].map((side) => side.toFixed(6)).join(",");
    const at = marker.getLngLat();
    showCard(this.library, this.map, at, [
      { title: element.title },
      { title: "", url: withQuery(this.told.list ?? "", { state: element.dataset.state ?? "open", bbox: box }), say: this.told.words.listCases },
      { title: "", act: () => void this.map.easeTo({ center: at, zoom: this.map.getZoom() + 2 }), say: this.told.words.closer },
    ]);
  }
}

/** @param {Square} square */
const keyOf = ({ x, y, size }) => `${x}:${y}:${size}`;

/**
 * The ring is red as far as its cases are late; the words say it too.
 * @param {HTMLElement} element
 * @param {Square} square
 * @param {Told} told
 */
function dress(element, { count, late }, told) {
  const words = `${count} ${told.words.count}${late ? ` · ${told.words.late} ${late}` : ""}`;
  if (element.title === words) return;
  element.title = words;
  element.textContent = count > 9999 ? `${Math.round(count / 1000)}k` : String(count);
  element.classList.toggle("is-big", count >= 50);
  element.classList.toggle("is-huge", count >= 1000);
  element.style.setProperty("--gl-late", `${(late / count) * 100}%`);
}
