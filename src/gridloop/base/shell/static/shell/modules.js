// Starts the modules that elements name: data-module="case-map" is ./case-map.js of the shell, data-module="desk/board"
// is /static/desk/board.js; several names are parted by spaces. No bundler, no inline script.
import "./pop.js";

const NAME = /^(?:([a-z]+)\/)?([a-z-]+)$/;

/**
 * @param {HTMLElement} element
 * @param {string} name
 */
async function start(element, name) {
  const [, app = "shell", file] = NAME.exec(name) ?? [];
  if (!file) return;
  try {
    const module = await import(new URL(`../${app}/${file}.js`, import.meta.url).href);
    await module.default(element);
  } catch (error) {
    console.error(`module ${name}`, error);
  }
}

/** @param {Element | Document} root */
function startAll(root) {
  const inside = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-module]:not([data-started])"));
  const own = root instanceof HTMLElement && root.matches("[data-module]:not([data-started])") ? [root] : [];
  for (const element of [...own, ...inside]) {
    element.dataset.started = "";
    for (const name of (element.dataset.module ?? "").split(/\s+/)) void start(element, name);
  }
}

startAll(document);
document.addEventListener("htmx:load", (event) => startAll(/** @type {Element} */ (event.target)));
