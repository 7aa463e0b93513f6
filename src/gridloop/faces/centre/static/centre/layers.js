// Which layers are seen: a switch for each, remembered on this screen, and a legend of those that are on.

const KEPT = "centre-layers";
const here = `${KEPT} ${new URLSearchParams(location.search).get("mode") ?? "duty"}`;

/**
 * @typedef {{ name: string, label: string, set: (isOn: boolean) => unknown, legend?: { look: string, colour?: string, label: string }[] }} Layer
 * @param {Layer[]} layers
 * @param {string[]} usual those that are on where nobody chose
 */
export function switcher(layers, usual) {
  const box = document.querySelector("#map-layers .centre-layers");
  const legend = document.getElementById("map-legend");
  const on = new Set(kept() ?? usual);
  const tell = () => legend?.replaceChildren(...layers.filter((l) => on.has(l.name)).flatMap((l) => (l.legend ?? []).map(sign)));
  for (const layer of layers) {
    layer.set(on.has(layer.name));
    box?.append(toggle(layer, on.has(layer.name), (isOn) => {
      isOn ? on.add(layer.name) : on.delete(layer.name);
      layer.set(isOn);
      tell();
      localStorage.setItem(here, JSON.stringify([...on]));
    }));
  }
  tell();
  return { isOn: (/** @type {string} */ name) => on.has(name) };
}

/** @returns {string[] | null} */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(here) ?? "null");
    return Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

/**
 * @param {Layer} layer
 * @param {boolean} isOn
 * @param {(isOn: boolean) => void} onChange
 */
function toggle({ name, label }, isOn, onChange) {
  const box = document.createElement("label");
  box.className = "form-check";
  const input = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input", name: `layer-${name}`, checked: isOn });
  input.addEventListener("change", () => onChange(input.checked));
  box.append(input, label);
  return box;
}

/** @param {{ look: string, colour?: string, label: string }} told */
function sign({ look, colour, label }) {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  mark.className = `centre-mark is-${look}`;
  if (colour) mark.style.setProperty("--centre-mark", colour);
  item.append(mark, label);
  return item;
}
