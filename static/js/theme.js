// Runs before the first paint: light, dark or the system's choice, and what the browser can do. A plain script so that
// nothing flashes or moves.
(() => {
  const QUERIES = { system: "screen and (prefers-color-scheme: dark)", light: "not all", dark: "screen" };
  const sheet = document.querySelector("[data-dark-sheet]");
  const stored = () => {
    try {
      return localStorage.getItem("theme") ?? "system";
    } catch {
      return "system"; // storage may be switched off
    }
  };
  const show = (theme) => {
    sheet.media = QUERIES[theme] ?? QUERIES.system;
  };

  document.documentElement.dataset.scripted = "";
  if (window.PublicKeyCredential) document.documentElement.dataset.passkeys = "";
  show(stored());

  document.addEventListener("DOMContentLoaded", () => {
    for (const input of document.querySelectorAll("[data-theme-switch] input")) {
      input.checked = input.value === stored();
      input.addEventListener("change", () => {
        try {
          localStorage.setItem("theme", input.value);
        } catch {
          // the choice then lasts for this page only
        }
        show(input.value);
      });
    }
  });
})();
