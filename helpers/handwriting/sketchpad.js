// The page's side of `sketchpad.py`, an anywidget (https://anywidget.dev/en/afm/).
// Strokes go to Python as lists of [x, y] in 0..1; what Python reads comes back in the model.

const PATIENCE = 4000;
const STEP = 0.04;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = "Keys: arrows move the pen, space sets it down or lifts it, Backspace undoes, Escape clears.";
const SHOWN = ["message", "warnings", "probabilities", "image"];
const NO_ANSWER = {
  message: "No answer yet.",
  warnings: ["Is another cell running? If the kernel was restarted, run this cell again."],
  probabilities: [],
  image: new DataView(new ArrayBuffer(0)),
};

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

// Once for each pad, however often it is shown: all its views share one pen.
function sketchpad() {
  const views = new Set();
  let pen;
  return {
    initialize({ model }) {
      pen = makePen(model, () => views.forEach((update) => update()));
    },
    render: ({ model, el }) => showPad(model, el, pen, views),
  };
}

function showPad(model, el, pen, views) {
  el.classList.add("sketchpad");
  el.innerHTML = PAGE;
  const find = (name) => el.querySelector(`.sketchpad-${name}`);
  const bars = Array.from({ length: 10 }, (_, digit) => addBar(find("bars"), digit));
  const cursor = { x: 0.5, y: 0.2, shown: false };
  let patience;

  const wait = () => {
    const behind = model.get("turn") !== model.get("answered");
    find("answer").ariaBusy = String(pen.isDown() || behind); // screen readers wait until it ends
    clearTimeout(patience);
    if (behind) patience = setTimeout(() => showReading(find, bars, NO_ANSWER), PATIENCE);
  };
  const answer = () => {
    showReading(find, bars, Object.fromEntries(SHOWN.map((name) => [name, model.get(name)])));
    wait();
  };
  const update = () => {
    drawStrokes(find("canvas"), model, cursor, pen);
    wait();
  };

  views.add(update);
  listenToPointer(find("canvas"), pen, cursor);
  const unlisten = listenToKeys(el, find("canvas"), pen, cursor, update);
  find("undo").addEventListener("click", pen.undo);
  find("clear").addEventListener("click", pen.clear);
  for (const name of [...SHOWN, "answered"]) {
    model.on(`change:${name}`, answer);
  }
  update();
  answer();
  return () => {
    views.delete(update);
    unlisten();
    clearTimeout(patience);
  };
}

// The pen writes into the model. Each stroke, each clearing and each drawing set by code is one
// step; `former` holds the drawings before each, for undo.
function makePen(model, changed) {
  const former = [];
  let strokes = model.get("strokes");
  let down = false;
  const set = (drawing) => {
    strokes = drawing;
    model.set("strokes", strokes);
    model.set("turn", model.get("turn") + 1);
    model.save_changes();
    changed();
  };
  const step = (drawing) => {
    former.push(strokes);
    set(drawing);
  };
  const pen = {
    isDown: () => down,
    setDown(point) {
      down = true;
      step([...strokes, [point]]);
    },
    moveTo(...points) {
      set([...strokes.slice(0, -1), [...strokes.at(-1), ...points]]);
    },
    lift() {
      down = false;
      changed();
    },
    undo() {
      pen.lift();
      // What was drawn before the page was loaded has no steps: it is undone stroke by stroke.
      if (former.length || strokes.length) set(former.pop() ?? strokes.slice(0, -1));
    },
    clear() {
      pen.lift();
      if (strokes.length) step([]);
    },
  };
  model.on("change:strokes", () => {
    const drawing = model.get("strokes");
    if (drawing === strokes) return; // drawn here
    former.push(strokes);
    strokes = drawing;
    pen.lift();
  });
  return pen;
}

// One pointer draws at a time: a second finger, or the palm beside a pen, draws nothing.
function listenToPointer(canvas, pen, cursor) {
  let drawing = -1;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || canvas.hasPointerCapture(drawing)) return;
    event.preventDefault();
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
    canvas.focus({ preventScroll: true });
    cursor.shown = false;
    pen.setDown(place(canvas, event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pen.isDown() || event.pointerId !== drawing || !canvas.hasPointerCapture(drawing)) return;
    const between = event.getCoalescedEvents?.() ?? [];
    const events = between.length ? between : [event];
    pen.moveTo(...events.map((each) => place(canvas, each)));
  });
  canvas.addEventListener("lostpointercapture", (event) => {
    if (event.pointerId === drawing) pen.lift();
  });
}

// Keys pressed on the pad end here, as in the notebook they might delete a cell; only Ctrl+S goes
// on, to save. The window hears them first: JupyterLab waits until they come up from the pad, but
// Notebook 7 takes them on their way down to it.
function listenToKeys(el, canvas, pen, cursor, update) {
  const keys = { Backspace: pen.undo, Escape: pen.clear, Delete: pen.clear };
  keys[" "] = () => (pen.isDown() ? pen.lift() : pen.setDown([cursor.x, cursor.y]));
  for (const [name, [right, down]] of Object.entries(ARROWS)) {
    keys[name] = (event) => {
      const step = event.shiftKey ? STEP / 4 : STEP;
      cursor.x = within(cursor.x + right * step);
      cursor.y = within(cursor.y + down * step);
      if (pen.isDown()) pen.moveTo([cursor.x, cursor.y]);
    };
  }
  const press = (event) => {
    const command = event.ctrlKey || event.metaKey;
    const path = event.composedPath();
    const letter = event.shiftKey ? "" : event.key.toLowerCase(); // capitals with Caps Lock
    if (!path.includes(el) || (command && letter === "s")) return;
    event.stopPropagation();
    const act = command ? letter === "z" && pen.undo : keys[event.key];
    if (!act || path[0] !== canvas) return;
    event.preventDefault();
    cursor.shown ||= event.key === " " || event.key in ARROWS;
    act(event);
    update();
  };
  // JupyterLab leaves the focus in the pad when the margin of its cell is clicked.
  const leave = (event) => {
    if (!event.composedPath().includes(el) && el.contains(document.activeElement)) {
      el.closest(".jp-Cell, .jp-Notebook")?.focus({ preventScroll: true });
    }
  };
  window.addEventListener("keydown", press, true);
  window.addEventListener("pointerdown", leave, true);
  canvas.addEventListener("blur", () => {
    cursor.shown = false;
    pen.lift();
  });
  return () => {
    window.removeEventListener("keydown", press, true);
    window.removeEventListener("pointerdown", leave, true);
  };
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

function showReading(find, bars, { message, warnings, probabilities, image }) {
  const line = (text) => Object.assign(document.createElement("li"), { textContent: text });
  find("answer").textContent = message;
  find("warnings").replaceChildren(...warnings.map(line));
  const highest = Math.max(...probabilities);
  bars.forEach(({ bar, fill, number }, digit) => {
    const percent = probabilities.length ? 100 * probabilities[digit] : 0;
    bar.setAttribute("aria-valuenow", percent.toFixed(1));
    bar.classList.toggle("sketchpad-highest", probabilities[digit] === highest);
    fill.style.width = `${percent}%`;
    number.textContent = probabilities.length ? `${percent.toFixed(0)} %` : "";
  });
  drawSeen(find("seen").querySelector("canvas"), image);
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
  if (pen.isDown()) context.fill();
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

export default sketchpad;
