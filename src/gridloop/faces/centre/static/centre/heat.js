// Where the cases are dense: small squares of the window, weighted by how many cases they hold.
import { keptFresh } from "./fresh.js";
import { NOTHING, json, windowOf, withQuery } from "./words.js";

/**
 * @typedef {import("./words.js").Told} Told
 * @typedef {import("./words.js").MapLibre} MapLibre
 */

const WAIT_MS = 250;
/** One hue from faint to full, so that it also reads without colour. */
const RAMP = ["interpolate", ["linear"], ["heatmap-density"], 0, "rgba(224,138,30,0)", 0.2, "rgba(224,138,30,.25)", 0.6, "rgba(217,95,20,.55)", 1, "rgba(178,35,24,.8)"];

/**
 * @param {MapLibre} map
 * @param {Told} told
 */
export function heatLayer(map, told) {
  let when = "";
  map.addSource("heat", { type: "geojson", data: NOTHING });
  map.addLayer({ id: "heat", type: "heatmap", source: "heat", paint: { "heatmap-color": /** @type {any} */ (RAMP), "heatmap-radius": 28, "heatmap-opacity": 0.85 } });
  const source = () => /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("heat"));
  const ask = async (/** @type {AbortSignal} */ signal) => {
    const found = await json(withQuery(told.cells, { bbox: windowOf(map), zoom: map.getZoom().toFixed(2), grain: "fine", when: when || undefined }), signal);
    const most = found.features.reduce((/** @type {number} */ top, /** @type {any} */ f) => Math.max(top, f.properties.count), 1);
    map.setPaintProperty("heat", "heatmap-weight", ["/", ["sqrt", ["get", "count"]], Math.sqrt(most)]);
    source().setData(found);
  };
  const { set, again } = keptFresh(map, WAIT_MS, ask, () => source().setData(NOTHING));
  return {
    set,
    setWhen: (/** @type {string} */ span) => {
      when = span;
      again();
    },
  };
}
