/** @file The panel's own script: copies a formula that is clicked, and keeps the place when the page is made anew. */

const vscode = acquireVsCodeApi();
const said = document.getElementById("said");
let clearing;

addEventListener("click", event => {
  const formula = event.target.closest("[data-formula]");
  if (!formula) return;
  vscode.postMessage({ copy: Number(formula.dataset.formula) });
  said.textContent = "Copied as LaTeX";
  clearTimeout(clearing);
  clearing = setTimeout(() => {
    said.textContent = "";
  }, 1500);
});

addEventListener("scroll", () => vscode.setState({ title: document.title, top: scrollY }));

const before = vscode.getState();
if (before?.title === document.title) scrollTo(0, before.top);
