// Links to the pages; on a narrow screen, where the menu covers the page, it closes behind them.
const NARROW = 768;

const chosen = (event) => {
  follow(event);
  if (innerWidth > NARROW || !event.defaultPrevented) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
};

const make = () => {
  const link = made("a", { onclick: chosen });
  const icon = made("span", { className: "icon" });
  icon.setAttribute("aria-hidden", "true");
  link.append(icon, made("span"));
  return link;
};

const draw = (link, page) => {
  link.href = page.href;
  link.title = page.help;
  link.children[0].textContent = page.icon;
  link.children[1].textContent = page.title;
  if (page.current) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
};

export default function ({ data, parentElement }) {
  const nav = parentElement.querySelector("nav");
  nav.setAttribute("aria-label", data.label);
  hold(nav, data.pages, make, draw);
}
