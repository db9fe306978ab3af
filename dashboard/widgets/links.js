// What our components share: links within the dashboard, and elements that stay while data changes.

// Goes to an address of the dashboard as a link does: one entry of the history, no reload.
const visit = (url) => {
  history.pushState({}, "", url);
  dispatchEvent(new PopStateEvent("popstate")); // Streamlit then runs the page of the address
};

// Has a plain click on a link stay in this session; a new tab or window is the browser's.
const follow = (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  visit(event.currentTarget.href);
};

const made = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

// Has an element hold one child per item. A child stays with the key of its item, and with it the
// focus; it is drawn again only where its item has changed.
const hold = (parent, items, make, draw) => {
  const known = new Map([...parent.children].map((child) => [child.itemKey, child]));
  items.forEach((item, i) => {
    const child = known.get(item.key) ?? make(item);
    known.delete(item.key);
    child.itemKey = item.key;
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
    const told = JSON.stringify(item);
    if (child.itemTold === told) return;
    child.itemTold = told;
    draw(child, item);
  });
  known.forEach((child) => child.remove());
};
