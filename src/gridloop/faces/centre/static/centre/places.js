// Units, venues and what can be called out, each with a shape of its own, so that colour is not all that tells them apart.
import { NOTHING, json, scale, showCard, withQuery } from "./words.js";

/**
 * @typedef {import("./words.js").Told} Told
 * @typedef {import("./words.js").Library} Library
 * @typedef {import("./words.js").MapLibre} MapLibre
 */

export const SHAPES = /** @type {Record<string, { shape: string, colour: string }>} */ ({
  units: { shape: "square", colour: "#5b3fa6" },
  venues: { shape: "diamond", colour: "#a6432f" },
  resources: { shape: "triangle", colour: "#0f766e" },
});
const PICTURE_PX = 40;
const BUSY = "#c92a3c";

/**
 * Show the GeoJSON of `url`, narrowed to what `isWanted` lets pass; asked for when it is first switched on.
 * @param {Library} library
 * @param {MapLibre} map
 * @param {Told} told
 * @param {string} name
 * @param {string} url
 * @param {(properties: any) => boolean} isWanted
 */
export function placeLayer(library, map, told, name, url, isWanted) {
  let isLoaded = false;
  map.addImage(`shape-${name}`, picture(SHAPES[name]), { pixelRatio: 2 });
  map.addImage(`shape-${name}-busy`, picture({ ...SHAPES[name], colour: BUSY }), { pixelRatio: 2 });
  map.addSource(name, { type: "geojson", data: NOTHING });
  map.addLayer({ id: name, type: "symbol", source: name, layout: { "icon-image": ["case", ["!=", ["coalesce", ["get", "busy"], ""], ""], `shape-${name}-busy`, `shape-${name}`], "icon-allow-overlap": true, "icon-size": scale(), visibility: "none" } });
  map.on("click", name, (event) => showCard(library, map, event.lngLat, (event.features ?? []).slice(0, 6).map(({ properties: p }) => lineOf(p, told))));
  map.on("mouseenter", name, () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", name, () => (map.getCanvas().style.cursor = ""));
  const ask = async () => {
    const found = await json(url);
    found.features = found.features.filter((/** @type {any} */ feature) => isWanted(feature.properties));
    /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource(name)).setData(found);
    isLoaded = true;
  };
  // Who was called moves on; where an office is does not.
  if (name === "resources") document.addEventListener("gl:board", () => isLoaded && map.getLayoutProperty(name, "visibility") === "visible" && void ask());
  return async (/** @type {boolean} */ isOn) => {
    if (isOn && !isLoaded) await ask();
    map.setLayoutProperty(name, "visibility", isOn ? "visible" : "none");
  };
}

/**
 * @param {Record<string, any>} p
 * @param {Told} told
 */
function lineOf(p, told) {
  const rest = [p.state ?? p.kind_label, p.unit, p.duty_phone].filter(Boolean).join(" · ");
  const own = p.url ? undefined : withQuery(told.list ?? "", { unit: String(p.id), state: "open" });
  return { title: p.name ?? p.title ?? "", rest, url: p.url ?? own, say: own ? told.words.openUnit : told.words.openMore };
}

/** @param {{ shape: string, colour: string }} look */
function picture({ shape, colour }) {
  const canvas = Object.assign(document.createElement("canvas"), { width: PICTURE_PX, height: PICTURE_PX });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const corners = { square: [[8, 8], [32, 8], [32, 32], [8, 32]], diamond: [[20, 4], [36, 20], [20, 36], [4, 20]], triangle: [[20, 5], [36, 34], [4, 34]] }[shape] ?? [];
  pen.beginPath();
  corners.forEach(([x, y]) => pen.lineTo(x, y));
  pen.closePath();
  Object.assign(pen, { fillStyle: colour, strokeStyle: "#ffffff", lineWidth: 4, lineJoin: "round" });
  pen.fill();
  pen.stroke();
  return pen.getImageData(0, 0, PICTURE_PX, PICTURE_PX);
}
