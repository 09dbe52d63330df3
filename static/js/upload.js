// Several files, dropped or chosen, each sent on its own with its progress. The plain form underneath works without this.
// Each file goes as one multipart POST with the form's other fields; a refusal answers 4xx with JSON {detail} or {errors: [{detail}]}.

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("[data-upload-input]");
    this.list = form.querySelector("[data-upload-list]");
    this.words = form.dataset;
    this.waiting = new Map(); // list item → file
    this.input.addEventListener("change", () => { this.add(this.input.files); this.input.value = ""; });
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("is-over"); });
    form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) form.classList.remove("is-over"); });
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("is-over");
      this.add(event.dataTransfer.files);
    });
  }

  add(files) {
    for (const file of files) {
      const reason = this.refusal(file);
      const item = this.show(file, reason);
      if (!reason) this.waiting.set(item, file);
    }
  }

  refusal(file) {
    const { maxBytes, maxFiles, accept, wordLarge, wordMany, wordKind } = this.words;
    const ending = `.${file.name.split(".").pop().toLowerCase()}`;
    if (accept && !accept.toLowerCase().split(",").includes(ending)) return `${wordKind} (${ending})`;
    if (maxBytes && file.size > Number(maxBytes)) return `${wordLarge} (${size(file.size)}; ${size(Number(maxBytes))})`;
    if (maxFiles && this.waiting.size >= Number(maxFiles)) return `${wordMany} (${maxFiles})`;
    return "";
  }

  show(file, reason) {
    const item = document.createElement("li");
    item.className = "upload-file";
    item.append(part("span", "upload-name", file.name), part("span", "quiet", size(file.size)));
    const remove = part("button", "upload-remove", this.words.wordRemove);
    remove.type = "button";
    remove.setAttribute("aria-label", `${this.words.wordRemove} ${file.name}`);
    remove.addEventListener("click", () => { this.waiting.delete(item); item.remove(); this.input.focus(); });
    item.append(remove, part("span", "upload-words", ""));
    this.list.append(item);
    this.tell(item, reason ? "refused" : "waiting", reason || this.words.wordWaiting);
    return item;
  }

  tell(item, state, words) {
    item.dataset.state = state;
    item.querySelector(".upload-words").textContent = words;
  }

  async submit(event) {
    if (this.waiting.size === 0) {
      if (this.list.children.length) { event.preventDefault(); this.input.focus(); }
      return; // nothing chosen here: the plain form says what is missing
    }
    event.preventDefault();
    if (!this.form.reportValidity()) return;
    const button = this.form.querySelector("[type=submit], button:not([type])");
    button.disabled = true;
    let refused = 0;
    for (const [item, file] of [...this.waiting]) {
      const reason = await this.send(item, file); // one after another: the order of arrival is the order chosen
      if (reason) refused += 1;
      else this.waiting.delete(item);
      this.tell(item, reason ? "refused" : "sent", reason || this.words.wordSent);
    }
    button.disabled = false;
    if (refused === 0) this.finish();
  }

  send(item, file) {
    const { wordSending, wordChecking, wordLost } = this.words;
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.setAttribute("aria-label", file.name);
    item.querySelector("progress")?.remove();
    item.append(bar);
    item.querySelector(".upload-remove")?.setAttribute("hidden", "");
    const data = new FormData(this.form);
    data.set(this.input.name, file, file.name);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.form.getAttribute("action") || location.href);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-Requested-With", "upload");
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.value = (100 * loaded) / total;
        this.tell(item, "sending", loaded < total ? `${wordSending}: ${Math.round(bar.value)}%` : wordChecking);
      });
      const end = (reason) => {
        bar.remove();
        if (reason) item.querySelector(".upload-remove")?.removeAttribute("hidden");
        resolve(reason);
      };
      request.addEventListener("load", () => end(request.status < 300 ? "" : reasonOf(request) || wordLost));
      request.addEventListener("error", () => end(wordLost));
      request.addEventListener("abort", () => end(wordLost));
      request.send(data);
    });
  }

  finish() {
    document.dispatchEvent(new CustomEvent("portal:say", { detail: this.words.wordSent }));
    if (this.words.next) location.assign(this.words.next);
    else location.reload();
  }
}

function reasonOf(request) {
  try {
    const told = JSON.parse(request.responseText);
    return (told.errors ?? []).map((error) => error.detail).join(" ") || told.detail || "";
  } catch {
    return request.status === 413 ? "The server refused it as too large." : "";
  }
}

function part(tag, css, words) {
  const element = document.createElement(tag);
  element.className = css;
  element.textContent = words;
  return element;
}

function size(bytes) {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
document.addEventListener("htmx:load", (event) => {
  for (const form of event.detail.elt.querySelectorAll?.("form[data-upload]") ?? []) new Upload(form);
});
