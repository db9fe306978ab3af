// A list as a table: names that are links, headers that are links to the list sorted by them, and a
// box in each row that selects it.
const SVG = "http://www.w3.org/2000/svg";
const sent = new Map(); // what was selected here, until the page says so too
addEventListener("popstate", () => sent.clear());

const curve = (values) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 24");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "polyline");
  const low = Math.min(...values);
  const high = Math.max(...values);
  const place = (value, i) =>
    `${(100 * i) / (values.length - 1)},${22 - (20 * (value - low)) / (high - low || 1)}`;
  line.setAttribute("points", values.map(place).join(" "));
  svg.append(line);
  return svg;
};

const tag = (text, colour) => {
  const chip = made("span", { className: "chip", textContent: text, title: text });
  chip.style.background = `var(--st-${colour}-background-color)`;
  chip.style.color = `var(--st-${colour}-text-color)`;
  return chip;
};

const make = ({ kind }) =>
  kind === "name" ? made("th", { scope: "row" }) : made("td");

const draw = (cell, { kind, value = null, href }) => {
  cell.className = kind;
  const text = value === null || value.length === 0 ? "–" : value;
  if (kind === "box") return;
  if (href) drawLink(cell, text, href);
  else if (text === "–" || ["id", "name", "number", "text"].includes(kind)) cell.textContent = text;
  else if (kind === "curve") cell.replaceChildren(curve(value));
  else if (kind === "state") cell.replaceChildren(tag(...value));
  else cell.replaceChildren(...value.map((word) => tag(word, "gray")));
  if (kind === "text" || kind === "name") cell.title = text; // all of it, where it is cut
};

const drawLink = (cell, text, href) => {
  let link = cell.querySelector("a"); // stays, and with it the focus
  if (!link) cell.replaceChildren((link = made("a", { onclick: follow })));
  link.textContent = text;
  link.href = href;
};

const drawHeader = (header, column) => {
  header.scope = "col";
  header.className = column.kind;
  if (column.kind === "box") return;
  header.title = column.help ?? "";
  if (column.sorted) header.setAttribute("aria-sort", column.sorted);
  else header.removeAttribute("aria-sort");
  if (column.href) drawLink(header, column.title, column.href);
  else header.textContent = column.title;
};

// The box in a cell, which tells `toggle` whether it was ticked.
const box = (cell, label, toggle) => {
  let input = cell.querySelector("input");
  if (!input) cell.append((input = made("input", { type: "checkbox" })));
  input.setAttribute("aria-label", label);
  input.onchange = () => toggle(input.checked);
  return input;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const table = parentElement.querySelector("table");
  const [head, body] = [table.tHead.rows[0], table.tBodies[0]];
  const here = data.rows.map((row) => row.key);
  table.setAttribute("aria-label", data.label);
  hold(head, data.columns, () => made("th"), drawHeader);
  hold(body, data.rows.map(({ key }) => ({ key })), () => made("tr"), () => {});
  data.rows.forEach(({ cells }, i) => {
    const kinds = data.columns.map(({ key, kind }, j) => ({ key, kind, ...cells[j] }));
    hold(body.rows[i], kinds, make, draw);
  });
  if (!data.selected) return;

  const awaited = sent.get(parentElement);
  if (awaited && awaited.join() === data.selected.join()) sent.delete(parentElement);
  let selected = sent.get(parentElement) ?? data.selected;
  const whole = box(head.cells[0], data.all, (on) => {
    const others = selected.filter((id) => !here.includes(id));
    select(on ? [...others, ...here] : others);
  });
  whole.hidden = data.single;
  const boxes = data.rows.map(({ key, label }, i) =>
    box(body.rows[i].cells[0], label, (on) => {
      const others = data.single ? [] : selected.filter((id) => id !== key);
      select(on ? [...others, key] : others);
    }));
  const select = (ids) => {
    selected = ids;
    sent.set(parentElement, ids);
    mark();
    setTriggerValue("selected", ids);
  };
  const mark = () => {
    boxes.forEach((input, i) => {
      input.checked = selected.includes(here[i]);
      body.rows[i].classList.toggle("selected", input.checked);
    });
    const some = boxes.filter((input) => input.checked).length;
    whole.checked = some > 0 && some === boxes.length;
    whole.indeterminate = some > 0 && some < boxes.length;
  };
  mark();
}
