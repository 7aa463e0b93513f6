// The optional ground under everything: raster tiles of 天地图 or of a server of the town's own.

/**
 * @param {import("./words.js").MapLibre} map
 * @param {Record<string, string>} base `tiles` is an address with {z}, {x}, {y}; `layers` what its {layer} stands for
 * @returns {boolean} whether there is one
 */
export function addBase(map, { tiles, layers }) {
  if (!tiles) return false;
  for (const layer of (layers || "tiles").split(",")) {
    map.addSource(`base-${layer}`, { type: "raster", tiles: [tiles.replaceAll("{layer}", layer)], tileSize: 256, maxzoom: 18 });
    map.addLayer({ id: `base-${layer}`, type: "raster", source: `base-${layer}` });
  }
  return true;
}
