// Starts the module of every element that names one: <div data-module="case-map">. No bundler, no inline script.

/** @type {Record<string, string>} */
const HOMES = {
  "auto-submit": "./auto-submit.js",
  "case-map": "./case-map.js",
  chart: "./chart.js",
  confirm: "./confirm.js",
  copy: "./copy.js",
  toast: "./toast.js",
  unsaved: "./unsaved.js",
};

/** @param {ParentNode} root */
function start(root) {
  for (const element of root.querySelectorAll("[data-module]:not([data-started])")) {
    const node = /** @type {HTMLElement} */ (element);
    const home = HOMES[node.dataset.module ?? ""];
    if (!home) continue;
    node.dataset.started = "";
    import(home).then((module) => module.default(node)).catch((error) => {
      console.error(`module ${node.dataset.module}`, error);
    });
  }
}

start(document);
document.addEventListener("htmx:load", (event) => start(/** @type {HTMLElement} */ (event.target).parentNode ?? document));
