/**
 * A box over a long list of choices that hides what does not match; what is chosen always stays in sight.
 * @param {HTMLElement} element
 */
export default function pick(element) {
  const filter = /** @type {HTMLInputElement | null} */ (element.querySelector(".gl-pick-filter"));
  if (!filter) return;
  const items = /** @type {HTMLElement[]} */ ([...element.querySelectorAll(".gl-pick-item")]);
  filter.hidden = false;
  const update = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const item of items) {
      const isChosen = item.querySelector("input")?.checked ?? false;
      item.hidden = !isChosen && !(item.textContent ?? "").toLowerCase().includes(wanted);
    }
    for (const group of /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(".gl-pick-group")))
      group.hidden = !group.querySelector(".gl-pick-item:not([hidden])");
  };
  filter.addEventListener("input", update);
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Enter chooses the only one left; it must never send the form half filled in.
    event.preventDefault();
    const left = items.filter((item) => !item.hidden && !item.querySelector("input")?.checked);
    if (left.length === 1) left[0]?.querySelector("input")?.click();
  });
  const chosen = /** @type {HTMLElement | null | undefined} */ (element.querySelector("input:checked")?.closest(".gl-pick-item"));
  const list = element.querySelector(".gl-pick-list");
  if (chosen && list) list.scrollTop = chosen.offsetTop - list.clientHeight / 2;
}
