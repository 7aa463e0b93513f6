// Shows, of the fields below, those that the chosen way of carrying out needs; without script all of them stand there.

/** @param {HTMLElement} form */
export default function decide(form) {
  const kind = /** @type {HTMLSelectElement | null} */ (form.querySelector("[name=kind]"));
  if (!kind) return;
  const parts = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-for]"));
  const show = () => {
    for (const part of parts) part.hidden = !(part.dataset.for ?? "").split(" ").includes(kind.value);
  };
  kind.addEventListener("change", show);
  show();
}
