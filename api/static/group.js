// Dropping a file on the form, and progress that moves by itself. Everything works without this file.
"use strict";

for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  const over = (event) => {
    event.preventDefault();
    place.classList.add("over");
  };
  place.addEventListener("dragenter", over);
  place.addEventListener("dragover", over);
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length === 1) {
      input.files = event.dataTransfer.files;
    }
  });
}

const card = document.querySelector("[data-progress]");
if (card !== null && card.dataset.paused === "false") {
  const bar = card.querySelector("progress");
  const done = card.querySelector("[data-done]");
  const told = card.querySelector("[data-told]");
  let failures = 0;
  const look = async () => {
    try {
      const answer = await fetch(card.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const now = await answer.json();
      if (now.state !== card.dataset.state || now.paused) {
        location.reload();
        return;
      }
      failures = 0;
      bar.value = now.done;
      done.textContent = now.done.toLocaleString("en-US");
      told.textContent = now.failed ? `有 ${now.failed} 份没有办成，刷新可见 / ${now.failed} failed, refresh to see` : "";
    } catch {
      failures += 1;
      if (failures >= 5) {
        told.textContent = "更新已暂停，请刷新 / Updates paused, please refresh";
        return;
      }
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
}
