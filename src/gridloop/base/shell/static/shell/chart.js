/**
 * Draw the ECharts option in the json_script that data-option names, in the colours of the page.
 * @param {HTMLElement} element
 */
export default async function chart(element) {
  const source = document.getElementById(element.dataset.option ?? "");
  if (!source) return;
  const path = new URL("../echarts/echarts.esm.min.js", import.meta.url).href;
  const echarts = await import(path);
  const isDark = document.documentElement.dataset.bsTheme === "dark";
  const drawn = echarts.init(element, isDark ? "dark" : null, { renderer: "svg" });
  drawn.setOption({ animation: false, backgroundColor: "transparent", ...JSON.parse(source.textContent ?? "{}") });
  new ResizeObserver(() => drawn.resize()).observe(element);
}
