// Goes to an address of the dashboard as a link does: one entry of the history, no reload.
let taken = "";

export default function ({ data }) {
  if (data.step === taken) return;
  taken = data.step;
  history.pushState({}, "", data.url);
  dispatchEvent(new PopStateEvent("popstate")); // Streamlit then runs the page of the address
}
