// What a layer shows is asked for anew as soon as the map stands still or there are new numbers.

/** @typedef {import("./words.js").MapLibre} MapLibre */

/**
 * Keep a layer fresh while it is on. Only the last question is answered, and none once it is off.
 * @param {MapLibre} map
 * @param {number} waitMs how long the map has to stand still
 * @param {(signal: AbortSignal) => Promise<void>} ask asks and draws
 * @param {() => void} clear
 */
export function keptFresh(map, waitMs, ask, clear) {
  let isOn = false, asked = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const again = async () => {
    asked.abort();
    if (!isOn) return;
    asked = new AbortController();
    const { signal } = asked;
    try {
      await ask(signal);
    } catch (error) {
      if (!signal.aborted) console.warn("layer", error);
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(again, waitMs);
  };
  map.on("moveend", soon);
  document.addEventListener("gl:board", soon);
  return {
    again: () => void again(),
    set: (/** @type {boolean} */ on) => {
      isOn = on;
      void again();
      if (!on) clear();
    },
  };
}
