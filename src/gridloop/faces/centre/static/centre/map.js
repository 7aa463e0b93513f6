// The screen's map: ground, cases, heat, places and playback, each in a file of its own.
import { caseLayer } from "./cells.js";
import { create, gridLayer, load } from "./ground.js";
import { heatLayer } from "./heat.js";
import { switcher } from "./layers.js";
import { SHAPES, placeLayer } from "./places.js";
import { playback } from "./play.js";
import { focusOn, ringLayer } from "./focus.js";
import { showCard, windowOf, withQuery } from "./words.js";

/**
 * @typedef {import("./words.js").Told} Told
 * @typedef {import("./words.js").Library} Library
 * @typedef {import("./words.js").MapLibre} MapLibre
 */

/** Kinds of unit that stand for a place where people are met, not for an office. */
const VENUES = ["branch", "station"];

/** @param {HTMLElement} element */
export default async function centreMap(element) {
  const told = /** @type {Told} */ (JSON.parse(element.dataset.map ?? "{}"));
  try {
    const library = await load();
    const map = await create(library, element, told);
    dress(library, map, told);
    element.dataset.ready = "";
  } catch (error) {
    console.warn("map", error);
    element.append(Object.assign(document.createElement("p"), { className: "gl-map-none", textContent: told.words?.failed }));
  }
}

/**
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 */
function dress(library, map, told) {
  const { words } = told;
  const heat = heatLayer(map, told);
  const cases = caseLayer(library, map, told);
  const ring = told.masked ? [] : [{ look: "dot", colour: "#2f7d4f", label: words.inTime }, { look: "dot", colour: "#c92a3c", label: words.late }];
  /** @type {import("./layers.js").Layer[]} */
  const layers = [
    { name: "cells", label: words.cells, set: cases.set, legend: ring },
    ...(told.masked ? [] : [{ name: "late", label: words.lateOnly, set: cases.setLateOnly }]),
    { name: "heat", label: words.heat, set: heat.set, legend: [{ look: "ramp", label: `${words.heat} ${words.few}→${words.many}` }] },
    ...(told.grids ? [{ name: "grids", label: words.grids, set: gridLayer(map, told) }] : []),
    ...places(library, map, told),
    ...(told.focus ? [{ name: "rings", label: words.rings, set: ringLayer(map, told.focus), legend: [{ look: "ring", label: words.rings }] }] : []),
    ...(told.base.tiles ? [baseSwitch(map, told)] : []),
  ];
  const switches = switcher(layers, [...told.on, "rings", "base"]);
  playback(library, map, told, (when) => {
    cases.set(!when && switches.isOn("cells"));
    heat.setWhen(when);
  });
  if (told.masked) return;
  if (told.focus) focusOn(library, map, told.focus);
  openRegions(library, map, told);
  followList(map);
  document.addEventListener("click", (event) => look(map, event.target));
}

/**
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 * @returns {import("./layers.js").Layer[]}
 */
function places(library, map, told) {
  const { units, resources } = told.places ?? {};
  const isVenue = (/** @type {any} */ p) => VENUES.includes(p.kind);
  /** @type {[string, string | undefined, (p: any) => boolean][]} */
  const wanted = [["units", units, (p) => !isVenue(p)], ["venues", units, isVenue], ["resources", resources, () => true]];
  return wanted.flatMap(([name, url, isWanted]) =>
    url ? [{ name, label: told.words[name], set: placeLayer(library, map, told, name, url, isWanted), legend: [{ look: SHAPES[name].shape, colour: SHAPES[name].colour, label: told.words[name] }] }] : [],
  );
}

/**
 * @param {MapLibre} map
 * @param {Told} told
 */
function baseSwitch(map, told) {
  const ids = map.getStyle().layers.map((layer) => layer.id).filter((id) => id.startsWith("base"));
  const set = (/** @type {boolean} */ isOn) => {
    ids.forEach((id) => map.setLayoutProperty(id, "visibility", isOn ? "visible" : "none"));
    map.setPaintProperty("region-fill", "fill-opacity", isOn ? 0 : 1);
  };
  return { name: "base", label: told.words.base, set };
}

/**
 * Where nothing else lies under the pointer, the ground itself leads to its cases.
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 */
function openRegions(library, map, told) {
  map.on("click", "region-fill", ({ features, lngLat, point }) => {
    const above = ["cases", "units", "venues", "resources", "played"].filter((id) => map.getLayer(id)?.type !== "custom" && map.getLayer(id));
    if (map.getLayer("played") || map.queryRenderedFeatures(point, { layers: above }).length) return;
    const region = features?.[0];
    if (!region) return;
    showCard(library, map, lngLat, [{ title: region.properties.name, url: withQuery(told.list ?? "", { state: "open", region: String(region.id) }), say: told.words.openRegion }]);
  });
}

/**
 * The list of what is in sight: what a pointer finds on the map, the keyboard finds there.
 * @param {MapLibre} map
 */
function followList(map) {
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("map-list"));
  const base = link?.getAttribute("href");
  if (!link || !base) return;
  const follow = () => (link.href = withQuery(base, { bbox: windowOf(map) }));
  map.on("moveend", follow);
  follow();
}

/**
 * @param {MapLibre} map
 * @param {EventTarget | null} target
 */
function look(map, target) {
  const place = target instanceof HTMLElement ? target.dataset : undefined;
  if (!place?.lookLon || !place.lookLat) return;
  map.easeTo({ center: [Number(place.lookLon), Number(place.lookLat)], zoom: 16 });
}
