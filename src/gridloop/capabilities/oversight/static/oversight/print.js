// Opens the browser's print dialogue.

/** @param {HTMLElement} element a button */
export default function print(element) {
  element.hidden = false;
  element.addEventListener("click", () => window.print());
}
