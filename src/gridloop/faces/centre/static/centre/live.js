/**
 * What somebody has opened stays open when the numbers come anew.
 * @param {HTMLElement} element
 */
export default function live(element) {
  /** @type {boolean[]} */
  let open = [];
  const all = () => Array.from(element.querySelectorAll("details"));
  element.addEventListener("htmx:beforeSwap", () => (open = all().map((one) => one.open)));
  element.addEventListener("htmx:afterSwap", () => all().forEach((one, n) => (one.open = open[n] ?? false)));
}
