// Cases on the map: points of the window in sight, clustered; the clusters are buttons, so the keyboard reaches them.

/** @typedef {import("maplibre-gl").Map} MapLibre */

const NOTHING = /** @type {any} */ ({ type: "FeatureCollection", features: [] });
const IS_CLUSTER = ["has", "point_count"];
const IS_LATE = ["==", ["get", "late"], true];
const WAIT_MS = 150;

/**
 * @param {typeof import("maplibre-gl")} library
 * @param {MapLibre} map
 * @param {HTMLElement} element
 * @param {(text: string | undefined) => void} say
 */
export function drawCases(library, map, element, say) {
  map.addSource("cases", { type: "geojson", data: NOTHING, cluster: true, clusterRadius: 44, clusterMaxZoom: 16, clusterProperties: { late: /** @type {any} */ (["+", ["case", IS_LATE, 1, 0]]) } });
  map.addLayer({
    id: "cases",
    type: "circle",
    source: "cases",
    filter: /** @type {any} */ (["!", IS_CLUSTER]),
    paint: {
      "circle-color": /** @type {any} */ (["case", IS_LATE, "#c92a3c", "#2f7d4f"]),
      "circle-radius": 7,
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 2,
    },
  });
  followWindow(map, element, say);
  showClusters(library, map, element);
  openOnClick(library, map, element);
}

/**
 * Ask for the window in sight once the map has come to rest; a newer question cancels the older one.
 * @param {MapLibre} map
 * @param {HTMLElement} element
 * @param {(text: string | undefined) => void} say
 */
function followWindow(map, element, say) {
  const url = element.dataset.casesUrl ?? "";
  let asked = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const ask = async () => {
    asked.abort();
    asked = new AbortController();
    const box = map.getBounds();
    const sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((side) => side.toFixed(5));
    const address = `${url}${url.includes("?") ? "&" : "?"}bbox=${sides.join(",")}`;
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" }, signal: asked.signal });
      if (!response.ok) return;
      const found = await response.json();
      /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("cases")).setData(found);
      say(found.truncated ? element.dataset.sayTruncated : "");
    } catch (error) {
      if (!asked.signal.aborted) console.warn("cases", error);
    }
  };
  map.on("moveend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  const refreshS = Number(element.dataset.refreshS);
  if (refreshS) setInterval(() => document.visibilityState === "visible" && void ask(), refreshS * 1000);
  void ask();
}

/**
 * @param {typeof import("maplibre-gl")} library
 * @param {MapLibre} map
 * @param {HTMLElement} element
 */
function showClusters(library, map, element) {
  /** @type {Map<string, import("maplibre-gl").Marker>} */
  const shown = new Map();
  const update = () => {
    const found = new Map(map.querySourceFeatures("cases", { filter: /** @type {any} */ (IS_CLUSTER) }).map((f) => [keyOf(f.properties), f]));
    for (const [id, marker] of shown) {
      if (found.has(id)) continue;
      marker.remove();
      shown.delete(id);
    }
    for (const [key, feature] of found) {
      if (shown.has(key)) continue;
      const at = /** @type {[number, number]} */ (/** @type {any} */ (feature.geometry).coordinates);
      const button = clusterButton(feature.properties.point_count, feature.properties.late, element.dataset);
      button.addEventListener("click", () => zoomInto(map, feature.properties.cluster_id, at));
      shown.set(key, new library.Marker({ element: button }).setLngLat(at).addTo(map));
    }
  };
  map.on("idle", update);
  map.on("sourcedata", (event) => event.sourceId === "cases" && event.isSourceLoaded && update());
}

/**
 * Fresh cases may come under the number of an older cluster; what a marker shows is part of its key.
 * @param {Record<string, any>} properties
 */
function keyOf({ cluster_id: id, point_count: count, late }) {
  return `${id} ${count} ${late}`;
}

/**
 * The ring is red as far as its cases are late; the words say it too.
 * @param {number} count
 * @param {number} late
 * @param {DOMStringMap} words
 */
function clusterButton(count, late, { sayCluster = "", sayLate = "" }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = count >= 50 ? "gl-map-cluster is-big" : "gl-map-cluster";
  button.textContent = String(count);
  button.style.setProperty("--gl-late", `${(late / count) * 100}%`);
  button.title = `${sayCluster}${count}${late ? ` (${sayLate}${late})` : ""}`;
  return button;
}

/**
 * @param {MapLibre} map
 * @param {number} id
 * @param {[number, number]} at
 */
async function zoomInto(map, id, at) {
  const source = /** @type {import("maplibre-gl").GeoJSONSource} */ (map.getSource("cases"));
  map.easeTo({ center: at, zoom: await source.getClusterExpansionZoom(id) });
}

/**
 * @param {typeof import("maplibre-gl")} library
 * @param {MapLibre} map
 * @param {HTMLElement} element
 */
function openOnClick(library, map, element) {
  map.on("click", "cases", (event) => {
    const feature = event.features?.[0];
    if (!feature) return;
    const at = /** @type {[number, number]} */ (/** @type {any} */ (feature.geometry).coordinates);
    new library.Popup({ maxWidth: "18rem", focusAfterOpen: true })
      .setLngLat(at)
      .setDOMContent(card(feature.properties, element.dataset.sayOpen ?? ""))
      .addTo(map);
  });
  map.on("mouseenter", "cases", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "cases", () => (map.getCanvas().style.cursor = ""));
}

/**
 * Text nodes only: what residents wrote is never read as HTML.
 * @param {Record<string, any>} properties
 * @param {string} open
 */
function card(properties, open) {
  const box = document.createElement("div");
  const title = document.createElement("strong");
  title.textContent = properties.title ?? properties.number ?? "";
  const rest = document.createElement("div");
  rest.textContent = [properties.number, properties.state].filter(Boolean).join(" · ");
  box.append(title, rest);
  if (properties.url) {
    const link = document.createElement("a");
    link.href = properties.url;
    link.textContent = open;
    box.append(link);
  }
  return box;
}
