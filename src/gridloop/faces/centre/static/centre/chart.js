// One drawing a panel, as long as the page is open: fresh numbers are set into it, nothing is made anew.

const MOST_PIXELS = 2;
const DEFAULTS = {
  animation: false,
  backgroundColor: "transparent",
  tooltip: { trigger: "axis", renderMode: "richText", confine: true },
};

/** @param {HTMLElement} element */
export default async function chart(element) {
  const canvas = /** @type {HTMLElement} */ (element.querySelector(".centre-chart-canvas"));
  const path = new URL("../echarts/echarts.esm.min.mjs", import.meta.url).href;
  const echarts = /** @type {typeof import("echarts")} */ (await import(path));
  let drawn = draw();
  let shown = "";
  update();
  const size = new ResizeObserver(() => drawn.resize());
  size.observe(canvas);
  new MutationObserver(() => {
    drawn.dispose();
    drawn = draw();
    shown = "";
    update();
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  document.addEventListener("gl:board", update);
  addEventListener("pagehide", () => drawn.dispose(), { once: true });
  element.dataset.ready = "";

  function draw() {
    const isDark = document.documentElement.dataset.bsTheme === "dark";
    return echarts.init(canvas, isDark ? "dark" : null, { renderer: "canvas", devicePixelRatio: Math.min(devicePixelRatio, MOST_PIXELS) });
  }

  function update() {
    const given = document.getElementById(element.dataset.from ?? "")?.dataset.option;
    if (!given || given === shown) return;
    shown = given;
    const style = getComputedStyle(document.body);
    const fontSize = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125;
    const axis = { axisLabel: { fontSize } };
    const option = JSON.parse(given);
    drawn.setOption({
      ...DEFAULTS,
      ...option,
      textStyle: { fontFamily: style.fontFamily, fontSize },
      legend: { ...option.legend, textStyle: { fontSize } },
      xAxis: { ...axis, ...option.xAxis },
      yAxis: { ...axis, ...option.yAxis },
    });
  }
}
