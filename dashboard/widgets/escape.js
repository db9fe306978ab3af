// Escape closes the list of a box, or what the box stands in. Streamlit empties the box too, which
// nobody asked for and which Back would have to undo.
const BOX = '[data-testid="stSelectbox"], [data-testid="stNumberInput"]';

const keep = (event) => {
  const { key, target } = event;
  if (key !== "Escape" || !target.closest?.(BOX)) return;
  event.stopPropagation();
  if (target.getAttribute("aria-expanded") === "true") {
    target.blur(); // closes the list
    target.focus();
  } else {
    document.dispatchEvent(new KeyboardEvent("keydown", { key })); // for what the box stands in
  }
};

export default function () {
  addEventListener("keydown", keep, true);
  return () => removeEventListener("keydown", keep, true);
}
