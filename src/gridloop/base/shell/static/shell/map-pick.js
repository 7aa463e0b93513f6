// Choosing a place: press on the map, take its centre (by keyboard: arrow keys move the map), or use the device's position.

/**
 * @typedef {(text: string | undefined) => void} Say
 * @typedef {{ attach: (library: typeof import("maplibre-gl"), map: import("maplibre-gl").Map) => void }} Tools
 */

const POSITION = { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 };

/**
 * The position button works even where the map itself cannot be drawn.
 * @param {HTMLElement} element
 * @param {Say} say
 * @returns {Tools}
 */
export function pickTools(element, say) {
  const { lonInput, latInput, lon, lat } = element.dataset;
  const inputs = [lonInput, latInput].map((selector) => /** @type {HTMLInputElement | null} */ (selector ? document.querySelector(selector) : null));
  const [x, y] = inputs;
  /** @type {(at: [number, number]) => void} */
  let mark = () => {};
  /** @type {(at: [number, number]) => void} */
  let look = () => {};
  /** @type {(at: [number, number]) => string | undefined} */
  let nameOf = () => undefined;
  const put = (/** @type {[number, number]} */ at) => {
    mark(at);
    if (!x || !y) return;
    [x.value, y.value] = [at[0].toFixed(6), at[1].toFixed(6)];
    x.dispatchEvent(new Event("change", { bubbles: true }));
    say(`${element.dataset.sayPicked ?? ""} ${nameOf(at) ?? `${x.value}, ${y.value}`}`);
  };
  const tools = document.createElement("div");
  tools.className = "gl-map-tools";
  element.append(tools);
  if (x && "geolocation" in navigator) tools.append(hereButton(element, say, (at) => { put(at); look(at); }));

  return {
    attach(library, map) {
      const marker = new library.Marker({ color: "#c92a3c", draggable: Boolean(x) });
      mark = (at) => marker.setLngLat(at).addTo(map);
      nameOf = (at) => (map.getLayer("region-fill") ? map.queryRenderedFeatures(map.project(at), { layers: ["region-fill"] })[0]?.properties.name : undefined);
      look = (at) => map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 15) });
      const start = read(x?.value || lon, y?.value || lat);
      if (start) mark(start);
      if (!x || !y) return;
      map.getCanvas().style.cursor = "crosshair";
      map.on("click", (event) => put([event.lngLat.lng, event.lngLat.lat]));
      marker.on("dragend", () => put([marker.getLngLat().lng, marker.getLngLat().lat]));
      tools.append(toolButton(element.dataset.sayCentre, () => put([map.getCenter().lng, map.getCenter().lat])));
      for (const input of [x, y]) {
        input.addEventListener("input", () => {
          const typed = read(x.value, y.value);
          if (typed) { mark(typed); look(typed); }
        });
      }
    },
  };
}

/**
 * @param {HTMLElement} element
 * @param {Say} say
 * @param {(at: [number, number]) => void} take
 */
function hereButton(element, say, take) {
  const button = toolButton(element.dataset.sayHere, () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { button.disabled = false; take([coords.longitude, coords.latitude]); },
      () => { button.disabled = false; say(element.dataset.sayDenied); },
      POSITION,
    );
  });
  return button;
}

/**
 * @param {string | undefined} label
 * @param {() => void} act
 */
function toolButton(label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = label ?? "";
  button.addEventListener("click", act);
  return button;
}

/**
 * @param {string | undefined} lon
 * @param {string | undefined} lat
 * @returns {[number, number] | null}
 */
function read(lon, lat) {
  const at = /** @type {[number, number]} */ ([Number(lon || NaN), Number(lat || NaN)]);
  return Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90 ? at : null;
}
