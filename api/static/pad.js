// The signature pad: strokes as vectors in thousandths of the pad, redrawn at any size.
"use strict";
(() => {
  const pad = document.getElementById("pad");
  if (!pad) return;
  document.getElementById("pad-section").hidden = false;
  const field = document.getElementById("strokes");
  const kept = "pad:" + location.pathname;
  let strokes = [], begun = 0, drawing = null;
  try { strokes = JSON.parse(sessionStorage.getItem(kept) || "[]"); } catch { strokes = []; }
  const draw = () => {
    const box = pad.getBoundingClientRect(), sharp = window.devicePixelRatio || 1;
    pad.width = Math.max(1, Math.round(box.width * sharp));
    pad.height = Math.max(1, Math.round(box.height * sharp));
    const ink = pad.getContext("2d");
    ink.lineWidth = 2.5 * sharp; ink.lineCap = ink.lineJoin = "round"; ink.strokeStyle = "#16211f";
    for (const stroke of strokes) {
      ink.beginPath();
      stroke.forEach(([x, y], at) => {
        const place = [x * pad.width / 1000, y * pad.height / 1000];
        if (at === 0) ink.moveTo(...place);
        ink.lineTo(...place);
      });
      ink.stroke();
    }
    field.value = JSON.stringify(strokes);
    sessionStorage.setItem(kept, field.value);
  };
  const point = (event) => {
    const box = pad.getBoundingClientRect();
    const within = (value) => Math.min(1000, Math.max(0, Math.round(value * 1000)));
    const at = Math.min(600000, Math.round(event.timeStamp - begun));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height), at];
  };
  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    if (!strokes.length) begun = event.timeStamp;
    drawing = [point(event)];
    strokes.push(drawing);
    draw();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing || drawing.length > 400) return;
    drawing.push(point(event));
    draw();
  });
  const lift = () => { drawing = null; };
  pad.addEventListener("pointerup", lift);
  pad.addEventListener("pointercancel", lift);
  document.getElementById("undo").addEventListener("click", () => { strokes.pop(); draw(); });
  document.getElementById("wipe").addEventListener("click", () => { strokes = []; draw(); });
  window.addEventListener("resize", draw);
  draw();
})();
