/**
 * A button that prints the page.
 * @param {HTMLElement} element
 */
export default function print(element) {
  element.hidden = false;
  element.addEventListener("click", () => window.print());
}
