// Moves the step up to which charts draw: each has a parameter bound to a range input of its own.
const timers = new WeakMap();
const PLAY = "M8 5v14l11-7z";
const PAUSE = "M6 5h4v14H6zM14 5h4v14h-4z";

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const range = parentElement.querySelector("input");
  const output = parentElement.querySelector("output");
  const bound = `.st-key-${data.charts} .vega-bindings input`;
  const stride = Math.ceil(data.steps / 120);

  const look = (path, label) => {
    button.querySelector("path").setAttribute("d", path);
    button.setAttribute("aria-label", label);
  };
  const show = (step) => {
    range.value = step;
    output.textContent = data.place.replace("{step}", range.value);
    for (const input of document.querySelectorAll(bound)) {
      input.value = range.value;
      input.dispatchEvent(new Event("input"));
    }
  };
  const stop = () => {
    clearInterval(timers.get(parentElement));
    timers.delete(parentElement);
    look(PLAY, data.play);
  };
  const onward = () => {
    if (+range.value >= data.steps) stop();
    else show(Math.min(+range.value + stride, data.steps));
  };

  stop();
  range.max = data.steps;
  range.setAttribute("aria-label", data.label);
  show(data.steps);
  range.oninput = () => { stop(); show(+range.value); };
  button.onclick = () => {
    if (timers.has(parentElement)) return stop();
    if (+range.value >= data.steps) show(0);
    timers.set(parentElement, setInterval(onward, 70));
    look(PAUSE, data.pause);
  };
  parentElement.querySelector(".player").hidden = false; // now that it has names and works
  return stop;
}
