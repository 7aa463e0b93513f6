// Runs before the page is painted: light or dark as the device says, unless the person chose (see `shell:theme`).
(() => {
  const root = document.documentElement;
  if (root.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => (dark.matches ? root.setAttribute("data-bs-theme", "dark") : root.removeAttribute("data-bs-theme"));
  apply();
  dark.addEventListener("change", apply);
})();
