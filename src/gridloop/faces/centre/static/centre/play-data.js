// The columns of `playback.py` as the map wants them.

/**
 * @typedef {{ count: number, span: number, origin: [number, number], places: Float32Array<ArrayBuffer>, minutes: Float32Array<ArrayBuffer>,
 *   begun: Uint16Array, ended: Uint16Array }} Played
 */

const HEAD_BYTES = 24;

/**
 * @param {ArrayBuffer} buffer
 * @returns {Played}
 */
export function read(buffer) {
  const head = new DataView(buffer);
  const count = head.getUint32(0, true);
  const lon = head.getFloat64(8, true), lat = head.getFloat64(16, true);
  const east = new Float32Array(buffer, HEAD_BYTES, count);
  const north = new Float32Array(buffer, HEAD_BYTES + 4 * count, count);
  const begun = new Uint16Array(buffer, HEAD_BYTES + 8 * count, count);
  const ended = new Uint16Array(buffer, HEAD_BYTES + 10 * count, count);
  const origin = /** @type {[number, number]} */ ([mercatorX(lon), mercatorY(lat)]);
  const places = new Float32Array(2 * count), minutes = new Float32Array(2 * count);
  for (let n = 0; n < count; n++) {
    places[2 * n] = east[n] / 360;
    places[2 * n + 1] = mercatorY(lat + north[n]) - origin[1];
    minutes[2 * n] = begun[n];
    minutes[2 * n + 1] = ended[n];
  }
  return { count, span: head.getUint32(4, true), origin, places, minutes, begun: begun.slice().sort(), ended: ended.slice().sort() };
}

/** @param {number} lon */
const mercatorX = (lon) => (180 + lon) / 360;

/** @param {number} lat */
const mercatorY = (lat) => (180 - (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360))) / 360;

/**
 * How many of the sorted minutes are not after `now`.
 * @param {Uint16Array} sorted
 * @param {number} now
 */
export function until(sorted, now) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}
