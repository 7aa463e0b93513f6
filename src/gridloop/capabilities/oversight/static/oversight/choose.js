// Chooses all rows of a list, and none again. Without scripts the rows are chosen one by one.

/** @param {HTMLElement} element a button whose data-of names the form */
export default function choose(element) {
  const form = document.getElementById(element.dataset.of ?? "");
  if (!form) return;
  element.hidden = false;
  element.addEventListener("click", () => {
    const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[name=case]")]);
    const wanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = wanted;
  });
}
