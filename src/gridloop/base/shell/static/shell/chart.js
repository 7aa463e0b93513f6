const COLOURS = ["#3d76cf", "#e08a1e", "#2f9e6e", "#c2415a", "#7c63c9", "#2b9fb3", "#8a94a6"];

/** What a page need not repeat. Tooltips are drawn, not written as HTML: the security policy allows no inline style. */
const DEFAULTS = {
  animation: false,
  backgroundColor: "transparent",
  color: COLOURS,
  grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
  tooltip: { trigger: "axis", renderMode: "richText" },
};

/**
 * Draw the ECharts option of the json_script that `data-option` names, in the colours of the page.
 * @param {HTMLElement} element
 */
export default async function chart(element) {
  const source = document.getElementById(element.dataset.option ?? "");
  const canvas = /** @type {HTMLElement} */ (element.querySelector(".gl-chart-canvas") ?? element);
  if (!source) return;
  const path = new URL("../echarts/echarts.esm.min.mjs", import.meta.url).href;
  const echarts = /** @type {typeof import("echarts")} */ (await import(path));
  const given = JSON.parse(source.textContent ?? "{}");
  let drawn = draw();
  new ResizeObserver(() => drawn.resize()).observe(canvas);
  new MutationObserver(() => {
    drawn.dispose();
    drawn = draw();
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  function draw() {
    const isDark = document.documentElement.dataset.bsTheme === "dark";
    const font = getComputedStyle(document.body).fontFamily;
    const fresh = echarts.init(canvas, isDark ? "dark" : null, { renderer: "canvas" });
    const tooltip = { ...DEFAULTS.tooltip, ...given.tooltip, renderMode: "richText" };
    // Above the drawing, where it never runs into the names of the axis.
    const legend = given.legend && { top: 0, ...given.legend };
    fresh.setOption({ ...DEFAULTS, textStyle: { fontFamily: font }, ...given, tooltip, legend });
    element.dataset.ready = "";
    return fresh;
  }
}
