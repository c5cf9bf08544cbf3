// The page's side of `sketchpad.py`, an anywidget (https://anywidget.dev/en/afm/).
// Strokes go to Python as lists of [x, y] in 0..1; what Python reads comes back in the model.

const PATIENCE = 4000;
const STEP = 0.04;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = "Keys: arrows move the pen, space sets it down or lifts it, Backspace undoes, Escape clears.";
const BUSY = "Is another cell running? If the kernel was restarted, run this cell again.";

const PAGE = `
  <div class="sketchpad-draw">
    <canvas class="sketchpad-canvas" tabindex="0" role="application"
      aria-label="Drawing pad" aria-description="${HELP}"></canvas>
    <div class="sketchpad-buttons">
      <button type="button" class="sketchpad-undo">Undo</button>
      <button type="button" class="sketchpad-clear">Clear</button>
    </div>
  </div>
  <div class="sketchpad-read">
    <p class="sketchpad-answer" role="status"></p>
    <div class="sketchpad-bars" role="group" aria-label="Probability of each digit"></div>
  </div>
  <figure class="sketchpad-seen">
    <canvas width="28" height="28" role="img" aria-label="The picture the network sees"></canvas>
    <figcaption>What the network sees: 28 by 28 pixels</figcaption>
    <ul class="sketchpad-warnings" aria-label="Warnings" aria-live="polite"></ul>
  </figure>
  <p class="sketchpad-help">${HELP}</p>`;

function render({ model, el }) {
  el.classList.add("sketchpad");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys rest while the pad has focus
  el.innerHTML = PAGE;
  const find = (name) => el.querySelector(`.sketchpad-${name}`);
  const canvas = find("canvas");
  const bars = Array.from({ length: 10 }, (_, digit) => addBar(find("bars"), digit));
  const cursor = { x: 0.5, y: 0.2, shown: false };
  let pen = null; // while it is down: the strokes before, and the one being drawn
  let patience;

  const show = () => drawStrokes(canvas, model, cursor, pen);
  const change = (strokes) => {
    model.set("strokes", strokes);
    model.set("turn", model.get("turn") + 1);
    model.save_changes();
    patience ??= setTimeout(() => say(find, "No answer yet.", [BUSY]), PATIENCE);
    showBusy();
  };
  const showBusy = () => {
    // Screen readers wait until the stroke is whole and answered.
    find("answer").ariaBusy = String(pen !== null || model.get("turn") !== model.get("answered"));
  };
  const setDown = (points) => {
    pen = { before: model.get("strokes"), stroke: [] };
    extend(points);
  };
  const extend = (points) => {
    pen.stroke = [...pen.stroke, ...points];
    change([...pen.before, pen.stroke]);
  };
  const lift = () => {
    pen = null;
    showBusy();
    show();
  };
  const keep = (count) => {
    lift();
    const strokes = model.get("strokes");
    if (strokes.length) change(strokes.slice(0, count));
  };
  const undo = () => keep(-1);
  const clear = () => keep(0);

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    cursor.shown = false;
    setDown([place(canvas, event)]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pen || !canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    extend((events.length ? events : [event]).map((each) => place(canvas, each)));
  });
  canvas.addEventListener("lostpointercapture", lift);

  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? STEP / 4 : STEP;
      cursor.x = within(cursor.x + arrow[0] * step);
      cursor.y = within(cursor.y + arrow[1] * step);
      cursor.shown = true;
      if (pen) extend([[cursor.x, cursor.y]]);
    } else if (event.key === " ") {
      cursor.shown = true;
      if (pen) lift();
      else setDown([[cursor.x, cursor.y]]);
    } else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) {
      undo();
    } else if (event.key === "Escape" || event.key === "Delete") {
      clear();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    show();
  });
  canvas.addEventListener("blur", () => {
    cursor.shown = false;
    lift();
  });
  find("undo").addEventListener("click", undo);
  find("clear").addEventListener("click", clear);

  const answer = () => {
    clearTimeout(patience);
    patience = undefined;
    showReading(find, bars, model);
    showBusy();
  };
  model.on("change:strokes", show);
  for (const name of ["message", "warnings", "probabilities", "image", "answered"]) {
    model.on(`change:${name}`, answer);
  }
  show();
  answer();
  return () => clearTimeout(patience);
}

function addBar(parent, digit) {
  parent.insertAdjacentHTML(
    "beforeend",
    `<span>${digit}</span>
     <div class="sketchpad-bar" role="meter" aria-label="${digit}" aria-valuemin="0"
       aria-valuemax="100"><div></div></div>
     <span></span>`,
  );
  const [bar, number] = [...parent.children].slice(-2);
  return { bar, fill: bar.firstChild, number };
}

function say(find, message, warnings) {
  const line = (text) => Object.assign(document.createElement("li"), { textContent: text });
  find("answer").textContent = message;
  find("warnings").replaceChildren(...warnings.map(line));
}

function showReading(find, bars, model) {
  say(find, model.get("message"), model.get("warnings"));
  const probabilities = model.get("probabilities");
  const highest = Math.max(...probabilities);
  bars.forEach(({ bar, fill, number }, digit) => {
    const percent = probabilities.length ? 100 * probabilities[digit] : 0;
    bar.setAttribute("aria-valuenow", percent.toFixed(1));
    bar.classList.toggle("sketchpad-highest", probabilities[digit] === highest);
    fill.style.width = `${percent}%`;
    number.textContent = probabilities.length ? `${percent.toFixed(0)} %` : "";
  });
  drawSeen(find("seen").querySelector("canvas"), model.get("image"));
}

function drawStrokes(canvas, model, cursor, pen) {
  const side = canvas.clientWidth || 280;
  const context = canvas.getContext("2d");
  canvas.width = canvas.height = side * window.devicePixelRatio;
  context.scale(canvas.width, canvas.width);
  Object.assign(context, { lineCap: "round", lineJoin: "round", strokeStyle: "white" });
  context.lineWidth = model.get("pen");
  for (const stroke of model.get("strokes")) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    context.lineTo(stroke[0][0] + 1e-4, stroke[0][1]); // so that a single point shows
    stroke.slice(1).forEach((point) => context.lineTo(...point));
    context.stroke();
  }
  if (!cursor.shown) return;
  context.beginPath();
  context.arc(cursor.x, cursor.y, model.get("pen") / 2, 0, 2 * Math.PI);
  Object.assign(context, { strokeStyle: "#de8f05", fillStyle: "#de8f05", lineWidth: 0.01 });
  context.stroke();
  if (pen) context.fill();
}

function drawSeen(canvas, bytes) {
  const picture = new ImageData(28, 28);
  for (let pixel = 0; pixel < 28 * 28; pixel++) {
    const grey = bytes.byteLength ? bytes.getUint8(pixel) : 0;
    picture.data.set([grey, grey, grey, 255], 4 * pixel);
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
}

const within = (value) => Math.round(1e4 * Math.min(1, Math.max(0, value))) / 1e4;

export default { render };
