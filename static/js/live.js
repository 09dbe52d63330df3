// Says what changed after a swap, keeps the focus where it was, and lets the summary of errors take it.
// Other scripts speak through the same region: document.dispatchEvent(new CustomEvent("portal:say", { detail: "…" })).

const region = document.getElementById("announcements");
let focused = null;

function say(words) {
  if (!region || !words) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = words; }, 50); // a change, even when the words are the same
}

function focusSummary(root) {
  root.querySelector?.("[data-error-summary]")?.focus();
}

document.addEventListener("portal:say", (event) => say(event.detail));
document.addEventListener("htmx:beforeSwap", () => { focused = document.activeElement?.id || null; });
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt;
  say(part.dataset?.say ?? part.querySelector?.("[data-say]")?.dataset.say);
  focusSummary(part);
  const keeper = focused && document.getElementById(focused);
  if (keeper && document.activeElement === document.body) keeper.focus({ preventScroll: true });
});
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  say(status === 403 ? "You may not do this." : "That did not work. Nothing was changed; please try again.");
});
document.addEventListener("htmx:sendError", () => say("The connection was lost. Nothing was changed."));

// An open menu closes on Escape and on a click elsewhere, and gives the focus back.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// What is folded on screen is read on paper.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("main details:not([open])")) {
    folded.open = true;
    folded.dataset.openedForPrint = "";
  }
});
addEventListener("afterprint", () => {
  for (const opened of document.querySelectorAll("[data-opened-for-print]")) {
    opened.open = false;
    delete opened.dataset.openedForPrint;
  }
});

focusSummary(document);
