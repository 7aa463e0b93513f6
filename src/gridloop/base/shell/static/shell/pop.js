// <details class="gl-pop"> opens without script; with it, one is open at a time, and Escape or a press elsewhere closes it.

/** @param {EventTarget | null} target */
function closeOthers(target) {
  for (const pop of document.querySelectorAll("details.gl-pop[open]")) {
    if (!(target instanceof Node) || !pop.contains(target)) pop.removeAttribute("open");
  }
}

document.addEventListener("click", (event) => closeOthers(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.gl-pop[open]");
  closeOthers(null);
  /** @type {HTMLElement | null | undefined} */ (open?.querySelector("summary"))?.focus();
});

export {};
