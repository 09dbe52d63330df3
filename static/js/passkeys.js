// Passkeys: [data-passkey] is a form with a hidden field `credential`. Its [data-passkey-start] button asks the browser
// to make a passkey (data-passkey="create") or to sign with one ("get"), from the options in data-options or at
// data-options-url, and sends the form with the answer. Where the browser knows no passkeys a form with .needs-passkeys stays hidden.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const opened = (list) => (list ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));

function wanted(kind, options) {
  const asked = options.publicKey;
  const known = { ...asked, challenge: bytes(asked.challenge) };
  if (kind === "create") {
    known.user = { ...asked.user, id: bytes(asked.user.id) };
    known.excludeCredentials = opened(asked.excludeCredentials);
  } else known.allowCredentials = opened(asked.allowCredentials);
  return { publicKey: known };
}

function told(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error("no options");
  return answer.json();
}

async function start(form) {
  const state = form.querySelector("[data-passkey-state]");
  try {
    const kind = form.dataset.passkey;
    const credential = await navigator.credentials[kind](wanted(kind, await optionsOf(form)));
    form.elements.namedItem("credential").value = JSON.stringify(told(credential));
    form.submit();
  } catch {
    if (state) state.textContent = state.dataset.failed; // turned down, timed out, or no passkey for this portal
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.querySelector("[data-passkey-start]").addEventListener("click", () => start(form));
  }
}
