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
 * Draw the ECharts option that `data-option` holds as JSON, in the colours of the page; gone from the page, it is let go.
 * @param {HTMLElement} element
 */
export default async function chart(element) {
  const canvas = /** @type {HTMLElement} */ (element.querySelector(".gl-chart-canvas") ?? element);
  const path = new URL("../echarts/echarts.esm.min.mjs", import.meta.url).href;
  const echarts = /** @type {typeof import("echarts")} */ (await import(path));
  const given = JSON.parse(element.dataset.option ?? "{}");
  let drawn = draw();
  const size = new ResizeObserver(() => drawn.resize());
  const theme = new MutationObserver(() => {
    drawn.dispose();
    drawn = draw();
  });
  size.observe(canvas);
  theme.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  // A screen on the wall gets a new chart three times a minute, for months.
  element.addEventListener("htmx:beforeCleanupElement", () => {
    size.disconnect();
    theme.disconnect();
    drawn.dispose();
  });

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
