// [data-opens="id"] opens that native dialog; [data-closes] closes the one around it. Without scripts the link leads to a page that asks the same.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches?.("a[data-opens]")) {
    event.preventDefault();
    event.target.click();
  }
});

// A click on the backdrop counts as "keep things as they are".
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.clientX) event.target.close();
  }
});
