// [data-card] may be dragged onto a [data-quarter] of the roadmap: that chooses the quarter in the card's own form and sends it.

let carried = null;

function placeOf(event) {
  const place = event.target.closest?.("[data-quarter]");
  return carried && place && place !== carried.closest("[data-quarter]") ? place : null;
}

document.addEventListener("dragstart", (event) => {
  carried = event.target.closest?.("[data-card]") ?? null;
  if (!carried) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", carried.dataset.card);
});

document.addEventListener("dragover", (event) => {
  const place = placeOf(event);
  for (const other of document.querySelectorAll(".place-over")) if (other !== place) other.classList.remove("place-over");
  if (!place) return;
  event.preventDefault();
  place.classList.add("place-over");
});

document.addEventListener("drop", (event) => {
  const place = placeOf(event);
  if (!place) return;
  event.preventDefault();
  const form = carried.querySelector("form");
  form.elements.quarter.value = place.dataset.quarter;
  form.requestSubmit();
});

document.addEventListener("dragend", () => {
  carried = null;
  for (const place of document.querySelectorAll(".place-over")) place.classList.remove("place-over");
});
