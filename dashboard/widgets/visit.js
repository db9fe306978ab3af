// Goes to an address once for each step.
let taken = "";

export default function ({ data }) {
  if (data.step === taken) return;
  taken = data.step;
  visit(data.url);
}
