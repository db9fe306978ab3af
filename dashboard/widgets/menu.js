// Closes the menu on a narrow screen, as Streamlit's own does, once another page is open.
const NARROW = 768;
let shown = "";

export default function ({ data }) {
  const another = shown && shown !== data.page;
  shown = data.page;
  if (!another || innerWidth > NARROW) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
