// Takes the signs that tell what a field means out of the order in which Tab goes through a page; F1
// opens the sign of the field one is in, and Escape, F1 or Tab leads back to the field.
const FIELD = '[data-testid="stElementContainer"]';
const SIGN = '[data-testid="stTooltipIcon"] :is(button, [tabindex])';

const skip = () => {
  for (const sign of document.querySelectorAll(SIGN)) {
    sign.tabIndex = -1;
    const box = sign.closest(FIELD)?.querySelector("input, textarea, [role=radiogroup]");
    box?.setAttribute("aria-keyshortcuts", "F1");
  }
};

let field; // whose sign is open

const explain = (event) => {
  const { key, target } = event;
  if (target.matches?.(SIGN) && field && ["Escape", "F1", "Tab"].includes(key)) {
    if (key !== "Tab") event.preventDefault();
    field.focus(); // from where Tab then goes on
    field = undefined;
  } else if (key === "F1") {
    const sign = target.closest?.(FIELD)?.querySelector(SIGN);
    if (!sign) return;
    event.preventDefault(); // the browser's own help
    field = target;
    sign.focus();
  }
};

export default function () {
  skip();
  const watch = new MutationObserver(skip);
  watch.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("keydown", explain, true);
  return () => {
    watch.disconnect();
    document.removeEventListener("keydown", explain, true);
  };
}
