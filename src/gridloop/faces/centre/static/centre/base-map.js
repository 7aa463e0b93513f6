// The optional ground under everything: 天地图 by key, or a PMTiles file that the town put beside the program.

/**
 * @param {import("./words.js").Library} library
 * @param {import("./words.js").MapLibre} map
 * @param {Record<string, string>} base
 * @returns {Promise<boolean>} whether there is one
 */
export async function addBase(library, map, base) {
  if (base?.tianditu) return addTianditu(map, base);
  return false;
}

/**
 * @param {import("./words.js").MapLibre} map
 * @param {Record<string, string>} base
 */
function addTianditu(map, base) {
  for (const layer of ["vec", "cva"]) {
    map.addSource(`base-${layer}`, { type: "raster", tiles: [base.tianditu.replace("{layer}", layer)], tileSize: 256, maxzoom: 18 });
    map.addLayer({ id: `base-${layer}`, type: "raster", source: `base-${layer}` });
  }
  return true;
}
