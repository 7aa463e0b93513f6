/**
 * A button that puts the element with the id `data-of` on the whole screen, and takes it back.
 * @param {HTMLElement} element
 */
export default function wall(element) {
  const screen = document.getElementById(element.dataset.of ?? "");
  if (!screen?.requestFullscreen) return;
  element.hidden = false;
  element.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : screen.requestFullscreen()));
}
