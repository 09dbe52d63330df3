// Drafts: a form with data-autosave posts itself to data-autosave-url two seconds after the last change and says when it did.
// The server answers 2xx with optional JSON {"saved_at", "version"}; 401, 403 or a redirect to sign-in means the session is gone:
// the words then stay in this browser and are put back when the form is opened again.

const PAUSE = 2000;
const RETRY = 15000;
const SECRET = new Set(["csrfmiddlewaretoken", "version"]);

class Draft {
  constructor(form) {
    this.form = form;
    this.key = `draft:${document.body.dataset.reader ?? ""}:${form.dataset.autosaveUrl}`;
    this.base = form.elements.namedItem("version")?.value ?? "";
    this.state = form.querySelector("[data-saved-state]");
    this.timer = null;
    this.changed = false;
    this.restore();
    form.addEventListener("input", () => this.touch());
    form.addEventListener("change", () => this.touch());
    form.addEventListener("submit", () => { clearTimeout(this.timer); this.changed = false; this.keep(); });
    addEventListener("pagehide", () => { if (this.changed) this.keep(); });
  }

  touch() {
    this.changed = true;
    this.keep();
    this.later(PAUSE);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  words() {
    return [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !SECRET.has(name));
  }

  keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify({ base: this.base, words: this.words() }));
    } catch { /* storage full or switched off: the page still holds the words */ }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch { /* nothing was kept */ }
  }

  recall() {
    try {
      const { base, words } = JSON.parse(localStorage.getItem(this.key));
      if (base === this.base) return words;
      this.forget(); // saved since, here or by someone else: older words must not cover newer ones
    } catch { /* nothing kept, or unreadable */ }
    return null;
  }

  restore() {
    const kept = this.recall();
    if (!kept || JSON.stringify(kept) === JSON.stringify(this.words())) return;
    const names = new Set(kept.map(([name]) => name));
    for (const field of this.form.elements) {
      if (!names.has(field.name) || field.type === "file" || field.type === "hidden") continue;
      const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.multiple && field.options) for (const option of field.options) option.selected = values.includes(option.value);
      else field.value = values[0];
    }
    this.say("restored");
    this.changed = true;
    this.later(PAUSE);
  }

  async save() {
    this.changed = false;
    this.say("saving");
    try {
      const answer = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST", body: new FormData(this.form), credentials: "same-origin", redirect: "manual",
        headers: { "X-Requested-With": "autosave", Accept: "application/json" },
      });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) this.fail("signedOut");
      else if (!answer.ok) this.fail("failed");
      else await this.saved(answer);
    } catch {
      this.fail("failed"); // the connection was lost
    }
  }

  async saved(answer) {
    const told = (answer.headers.get("content-type") ?? "").includes("json") ? await answer.json() : {};
    const version = this.form.elements.namedItem("version");
    if (told.version !== undefined && version) {
      version.value = told.version;
      this.base = String(told.version);
    }
    if (!this.changed) this.forget();
    const at = told.saved_at ? new Date(told.saved_at) : new Date();
    this.say("saved", at.toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" }));
  }

  fail(kind) {
    this.changed = true;
    this.keep();
    this.say(kind);
    this.later(RETRY);
  }

  say(kind, more = "") {
    if (!this.state) return;
    this.state.dataset.state = kind === "signedOut" ? "failed" : kind;
    this.state.textContent = `${this.state.dataset[kind] ?? ""} ${more}`.trim();
  }
}

const watched = new WeakSet();
function watch() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    if (watched.has(form)) continue;
    watched.add(form);
    new Draft(form);
  }
}

// Signing out on purpose leaves nothing behind on a shared machine; losing the session does.
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  } catch { /* nothing was kept */ }
});

document.addEventListener("htmx:load", watch);
watch();
