/**
 * Show the photos that were chosen before they are sent: one sees at once whether it is the right one.
 * @param {HTMLElement} element the file input
 */
export default function photos(element) {
  const input = /** @type {HTMLInputElement} */ (element);
  const list = document.createElement("ul");
  list.className = "portal-kept";
  input.after(list);
  input.addEventListener("change", () => {
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...Array.from(input.files ?? []).filter((file) => file.type.startsWith("image/")).map(preview));
  });
}

/** @param {File} file */
function preview(file) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  item.append(image);
  return item;
}
