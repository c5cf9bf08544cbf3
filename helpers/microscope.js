// The page's side of `microscope.py`, an anywidget (https://anywidget.dev/en/afm/).
// Python sends what the layers give; how one of their numbers comes about is computed here, in
// double precision. A place is [layer, map, row, column].

const TOP = 6; // summands that are shown one by one
const HEIGHT = 130; // of a row of maps, where that leaves two screen pixels to each
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP =
  "Point at any pixel, or tap it. Keys: Tab goes to the next layer, arrows to the next pixel, Home and End to the first and the last.";
const GAP = [107, 118, 128];
// Matplotlib's RdBu_r, as in `plots.py`
const BLUE_TO_RED = "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f"
  .split(" ")
  .map((color) => [0, 2, 4].map((at) => parseInt(color.slice(at, at + 2), 16)));
const FUNCTIONS = {
  relu: ["ReLU", "ReLU: max(0, sum)", (x) => Math.max(0, x)],
  sigmoid: ["The sigmoid", "sigmoid: 1 / (1 + exp(−sum))", (x) => 1 / (1 + Math.exp(-x))],
  tanh: ["The hyperbolic tangent", "tanh(sum)", Math.tanh],
  softmax: ["Softmax", "softmax of the sums"],
};

const PAGE = `
  <div class="microscope-maps">
    <div class="microscope-image"><p class="microscope-help">${HELP}</p></div>
    <div class="microscope-rows"></div>
  </div>
  <div class="microscope-account">
    <p class="microscope-words" role="status"></p>
    <div class="microscope-numbers"></div>
  </div>`;

function render({ model, el }) {
  el.classList.add("microscope");
  el.innerHTML = PAGE;
  const find = (name) => el.querySelector(`.microscope-${name}`);
  const layers = model.get("layers").map((layer) => ({ ...layer }));
  const rows = layers.map((layer, index) => addRow(layer, index));
  find("image").prepend(rows[0].figure);
  find("rows").append(...rows.slice(1).map((row) => row.figure));
  let pointing = false;

  const update = () => {
    const place = model.get("place");
    const boxes = boxesOf(layers, place);
    rows[place[0]].last = place;
    rows.forEach((row, index) => drawRow(row, [0, place[0] - 1, place[0]].includes(index) && boxes[index]));
    showAccount(find, layers, place, boxes);
    if (!pointing && place[0]) scrollTo(find("rows"), rows, place);
  };
  const read = () => {
    const outputs = model.get("outputs").map(numbers);
    model.get("layers").forEach(({ weights }, index) => {
      Object.assign(layers[index], { weights: weights.map(numbers), values: outputs[index] });
    });
    rows.forEach(showScale);
  };
  const lay = () => {
    if (!find("rows").clientWidth) return;
    rows.forEach((row, index) => layOut(row, index ? find("rows").clientWidth - 8 : 140));
    update();
  };
  const select = (place, byPointer = false) => {
    pointing = byPointer;
    model.set("place", place); // which calls update
    model.save_changes();
    pointing = false;
  };

  rows.forEach((row, index) => {
    listenToPointer(row, (place) => select([index, ...place], true));
    row.canvas.addEventListener("focus", () => {
      const byTab = row.canvas.matches(":focus-visible");
      if (byTab && model.get("place")[0] !== index) select(row.last ?? [index, ...strongest(row.layer)]);
    });
  });
  const unlisten = listenToKeys(el, rows, (act) => select(act(model.get("place"))));
  model.on("change:place", update);
  model.on("change:layers change:outputs", () => {
    read();
    lay();
  });
  read();
  const observer = new ResizeObserver(lay);
  observer.observe(find("rows"));
  return () => {
    observer.disconnect();
    unlisten();
  };
}

// How a number comes about: each function gives the number before the activation (`sum`), lines to
// show it by, and a sentence in words; some a patch of pixels, and the sums that softmax compares.
const ACCOUNTS = {
  image({ values }, _, place) {
    const value = at({ shape: [28, 28, 1], values }, ...place);
    return { sum: value, words: `${show(value)}, of 0 (paper) to 1 (ink)`, lines: [] };
  },
  convolution(layer, below, [map, row, column]) {
    const places = windowOn(layer, below, row, column);
    const [kernel, bias] = layer.weights;
    const cells = range(below.shape[2]).map((from) =>
      places.map((pixel, index) => {
        const weight = kernel[(index * below.shape[2] + from) * layer.shape[2] + map];
        return { inside: Boolean(pixel), weight, value: pixel ? at(below, from, ...pixel) : 0 };
      }),
    );
    const parts = cells.map((some) => total(some.map(({ value, weight }) => value * weight)));
    const most = largest(parts, 1)[0];
    const title = `Pixels of ${nameOf(below, most)}, times weights: ${show(parts[most])} together`;
    const count = `${places.length * parts.length} products of pixel and weight`;
    const lines = below.shape[2] > 1 ? summands(parts, (from) => nameOf(below, from)) : [];
    return { ...added(parts, lines, count, bias?.[map]), patch: { title, cells: cells[most] } };
  },
  dense(layer, below, [unit]) {
    const parts = partsOfUnit(layer, below, unit);
    const weight = (from) => layer.weights[0][from * layer.shape[2] + unit];
    const label = (from) => `${from}: ${show(below.values[from], 3)} × ${show(weight(from), 3)}`;
    const count = `${parts.length} products of number and weight`;
    const sums = layer.function === "softmax" && range(layer.shape[2]).map((n) => sumOfUnit(layer, below, n));
    return { ...added(parts, summands(parts, label), count, layer.weights[1]?.[unit]), sums };
  },
  pooling(layer, below, [map, row, column]) {
    const cells = windowOn(layer, below, row, column).map((pixel) => ({
      inside: Boolean(pixel),
      value: pixel ? at(below, map, ...pixel) : -Infinity,
    }));
    const sum = Math.max(...cells.map(({ value }) => value));
    const title = `Pixels of ${nameOf(below, map)}`;
    const lines = [{ label: "the largest of them", value: sum, strong: true }];
    return { sum, lines, patch: { title, cells }, words: `the largest of ${cells.length} pixels, ${show(sum)}` };
  },
  normalization(layer, below, place) {
    const [mean, variance, gamma, beta] = layer.weights.map((each) => each[place[0]]);
    const value = at(below, ...place);
    const scaled = (value - mean) / Math.sqrt(variance + layer.epsilon);
    const sum = scaled * gamma + beta;
    const lines = [
      { label: "the number below", value },
      { label: `− mean ${show(mean)}`, value: value - mean },
      { label: `/ √(variance ${show(variance)} + ${layer.epsilon.toPrecision(2)})`, value: scaled },
      { label: `× gamma ${show(gamma)}`, value: scaled * gamma },
      { label: `+ beta ${show(beta)}`, value: sum, strong: true },
    ];
    return { sum, lines, words: `${show(value)} below, normalised to ${show(sum)}` };
  },
  activation(layer, below, place) {
    const sum = at(below, ...place);
    const lines = [{ label: "the number below", value: sum }];
    return { sum, lines, words: `${show(sum)} below`, sums: layer.function === "softmax" && below.values };
  },
  flatten(layer, below, [unit]) {
    const { maps, rows, columns } = boxBelow(layer, below, { maps: [unit, unit] });
    const sum = layer.values[unit];
    const label = `${nameOf(below, maps[0])}, row ${rows[0]}, column ${columns[0]}`;
    return { sum, lines: [{ label, value: sum, strong: true }], words: `the number ${show(sum)} from ${label}` };
  },
};

function added(parts, lines, count, bias) {
  const products = total(parts);
  const sum = products + (bias ?? 0);
  lines.push({ label: "all products", value: products });
  if (bias !== undefined) lines.push({ label: "+ bias", value: bias }, { label: "sum", value: sum, strong: true });
  const more = bias === undefined ? "" : `, and with the bias ${show(bias)} to ${show(sum)}`;
  return { sum, lines, words: `${count} add up to ${show(products)}${more}` };
}

function summands(parts, label) {
  const first = largest(parts, TOP);
  const rest = parts.filter((_, part) => !first.includes(part));
  const lines = first.map((part) => ({ label: label(part), value: parts[part], bar: true }));
  if (rest.length) lines.push({ label: `the other ${rest.length}`, value: total(rest), bar: true });
  return lines;
}

function accountOf(layers, [index, ...place]) {
  const layer = layers[index];
  const account = ACCOUNTS[layer.kind](layer, layers[index - 1], place);
  const [name, label, apply] = FUNCTIONS[layer.function] ?? [];
  if (!name) return { ...account, value: account.sum };
  const probabilities = account.sums && softmax(account.sums);
  const value = probabilities ? probabilities[place[0]] : apply(account.sum);
  const lines = [...account.lines, { label, value, strong: true }];
  return { ...account, value, lines, probabilities, words: `${account.words}. ${name} makes it ${show(value)}` };
}

// What lies below a box of pixels, {maps, rows, columns} from first to last: all that it depends on.
function boxBelow(layer, { shape: [rows, columns, maps] }, box) {
  const all = { maps: [0, maps - 1], rows: [0, rows - 1], columns: [0, columns - 1] };
  if (layer.kind === "dense" || layer.function === "softmax") return all;
  if (layer.kind === "flatten") {
    const [unit, last] = box.maps;
    if (unit !== last) return all;
    const pixel = [unit % maps, Math.floor(unit / maps / columns), Math.floor(unit / maps) % columns];
    const [map, row, column] = pixel.map((each) => [each, each]);
    return { maps: map, rows: row, columns: column };
  }
  if (!layer.size) return box;
  const reach = (axis, [first, last], count) => {
    const start = (pixel) => pixel * layer.strides[axis] - layer.before[axis];
    return [Math.max(0, start(first)), Math.min(count - 1, start(last) + layer.size[axis] - 1)];
  };
  return {
    maps: layer.kind === "convolution" ? all.maps : box.maps,
    rows: reach(0, box.rows, rows),
    columns: reach(1, box.columns, columns),
  };
}

// The pixel itself, what it depends on in the layer below, and so on down to the image.
function boxesOf(layers, [index, ...place]) {
  const [maps, rows, columns] = place.map((each) => [each, each]);
  const boxes = [];
  boxes[index] = { maps, rows, columns };
  for (let upper = index; upper > 0; upper--) {
    boxes[upper - 1] = boxBelow(layers[upper], layers[upper - 1], boxes[upper]);
  }
  return boxes;
}

// The pixels [row, column] that a window covers, null for padding.
function windowOn({ size, strides, before }, { shape: [rows, columns] }, row, column) {
  return range(size[0] * size[1]).map((index) => {
    const r = row * strides[0] - before[0] + Math.floor(index / size[1]);
    const c = column * strides[1] - before[1] + (index % size[1]);
    return r >= 0 && r < rows && c >= 0 && c < columns ? [r, c] : null;
  });
}

function partsOfUnit(layer, below, unit) {
  const [kernel] = layer.weights;
  return Float64Array.from(below.values, (value, from) => value * kernel[from * layer.shape[2] + unit]);
}

const sumOfUnit = (layer, below, unit) => total(partsOfUnit(layer, below, unit)) + (layer.weights[1]?.[unit] ?? 0);

function softmax(sums) {
  const highest = Math.max(...sums);
  const powers = Float64Array.from(sums, (sum) => Math.exp(sum - highest));
  return powers.map((power) => power / total(powers));
}

function showAccount(find, layers, place, boxes) {
  const [index, map, row, column] = place;
  const account = accountOf(layers, place);
  const where = isFlat(layers[index]) ? `number ${map}` : `${nameOf(layers[index], map)}, row ${row}, column ${column}`;
  const { rows, columns } = boxes[0];
  const span = (what, [first, last]) => (first === last ? `${what} ${first}` : `${what}s ${first} to ${last}`);
  const sees = index ? ` It sees ${span("row", rows)} and ${span("column", columns)} of the image.` : "";
  find("words").textContent = `${index ? `${layers[index].name}, ` : ""}${where}: ${account.words}.${sees}`;
  const { patch, lines, probabilities, sums } = account;
  const width = layers[index].size?.[1];
  const answers = probabilities && range(sums.length).map((n) => ({
    label: `${n}: sum ${show(sums[n])}`, value: probabilities[n], bar: true, strong: n === map,
  }));
  const kept = answers && answers.length > 10 ? largest(probabilities, 10).map((n) => answers[n]) : answers;
  find("numbers").innerHTML = (patch ? patchHtml(patch, width) : "") + linesHtml(lines) + (kept ? linesHtml(kept) : "");
  Object.assign(find("account").dataset, { place, sum: account.sum, value: account.value });
}

function patchHtml({ title, cells }, columns) {
  const numbersOf = cells.map(({ value, weight }) => value * (weight ?? 1));
  const most = Math.max(...numbersOf.map(Math.abs).filter(isFinite), 1e-9);
  const highest = cells[0].weight === undefined ? numbersOf.indexOf(Math.max(...numbersOf)) : -1;
  const html = cells.map(({ value, weight, inside }, index) => {
    const tint = isFinite(numbersOf[index]) ? (0.45 * Math.abs(numbersOf[index])) / most : 0;
    const color = numbersOf[index] < 0 ? "67, 147, 195" : "214, 96, 77";
    const times = weight === undefined ? "" : `<span>× ${show(weight, 3)}</span><b>${show(numbersOf[index], 3)}</b>`;
    return `<div class="${index === highest ? "microscope-highest" : ""}" style="background: rgba(${color}, ${tint})">
      <span>${inside ? show(value, 3) : "outside"}</span>${times}</div>`;
  });
  return `<p>${title}</p>
    <div class="microscope-patch" style="grid-template-columns: repeat(${columns}, 1fr)">${html.join("")}</div>`;
}

function linesHtml(lines) {
  const most = Math.max(...lines.map(({ value, bar }) => (bar ? Math.abs(value) : 0)), 1e-9);
  const zero = lines.some(({ value, bar }) => bar && value < 0) ? 50 : 0;
  const html = lines.map(({ label, value, bar, strong }) => {
    const width = ((100 - zero) * Math.abs(value)) / most;
    const left = value < 0 ? zero - width : zero;
    const style = `left: ${left}%; width: ${width}%; background: ${value < 0 ? "#4393c3" : "#d6604d"}`;
    const name = strong ? "microscope-strong" : "";
    return `<span class="${name}">${label}</span>
      <div class="${bar ? "microscope-bar" : ""}"><div style="${bar ? style : ""}"></div></div>
      <span class="${name}">${show(value)}</span>`;
  });
  return `<div class="microscope-lines">${html.join("")}</div>`;
}

function addRow(layer, index) {
  const [rows, columns, maps] = layer.shape;
  const form = isFlat(layer) ? `${maps} numbers` : `${maps} map${maps > 1 ? "s" : ""} of ${rows} × ${columns}`;
  const figure = document.createElement("figure");
  figure.innerHTML = `<figcaption></figcaption><canvas tabindex="0" role="application"></canvas>`;
  const [caption, canvas] = figure.children;
  canvas.ariaLabel = `Layer ${index}, ${layer.name}: ${form}`;
  const name = index ? `${index} ${layer.name}: ${form}` : "0 image";
  return { layer, figure, caption, canvas, name, base: document.createElement("canvas") };
}

// One scale for all maps of a layer: grey, or blue to red around zero.
function showScale(row) {
  const low = row.layer.values.reduce((a, b) => Math.min(a, b));
  const high = row.layer.values.reduce((a, b) => Math.max(a, b)) || 1;
  const limit = Math.max(-low, high);
  row.caption.textContent = `${row.name}; `;
  row.caption.textContent += low < 0 ? `blue ${show(-limit, 2)}, red ${show(limit, 2)}` : `white ${show(high, 2)}`;
  row.color = (value) => {
    if (low >= 0) return Array(3).fill((255 * value) / high);
    const at = 5 * (value / limit + 1);
    const [one, next] = [BLUE_TO_RED[Math.floor(at)], BLUE_TO_RED[Math.ceil(at)]];
    return one.map((part, index) => part + (at % 1) * (next[index] - part));
  };
}

// Tiles of whole screen pixels, as large as fits into HEIGHT; and a picture of them.
function layOut(row, width) {
  const [rows, columns, maps] = row.layer.shape;
  const flat = isFlat(row.layer);
  const gap = flat ? Number(maps <= 1000) : 3;
  let zoom = flat ? (maps > 16 ? 14 : 26) : 5;
  const across = () => Math.max(1, Math.min(maps, Math.floor((width - gap) / (columns * zoom + gap))));
  const down = () => Math.ceil(maps / across());
  while (zoom > 2 && down() * (rows * zoom + gap) > HEIGHT) zoom--;
  Object.assign(row, { zoom, gap, across: across() });
  row.width = row.across * (columns * zoom + gap) + gap;
  row.height = down() * (rows * zoom + gap) + gap;
  const picture = new ImageData(row.width, row.height);
  for (let at = 0; at < picture.data.length; at += 4) picture.data.set([...GAP, 255], at);
  row.layer.values.forEach((value, index) => {
    const pixel = Math.floor(index / maps);
    const [x, y] = corner(row, index % maps, Math.floor(pixel / columns), pixel % columns);
    const color = row.color(value);
    for (let dot = 0; dot < zoom * zoom; dot++) {
      picture.data.set(color, 4 * ((y + Math.floor(dot / zoom)) * row.width + x + (dot % zoom)));
    }
  });
  Object.assign(row.base, { width: row.width, height: row.height });
  row.base.getContext("2d").putImageData(picture, 0, 0);
  row.canvas.width = row.width * window.devicePixelRatio;
  row.canvas.height = row.height * window.devicePixelRatio;
  row.canvas.style.width = `${row.width}px`;
  row.canvas.dataset.tiles = [row.across, zoom, gap];
}

function corner({ layer, zoom, gap, across }, map, row, column) {
  const [rows, columns] = layer.shape;
  const [x, y] = [map % across, Math.floor(map / across)];
  return [gap + x * (columns * zoom + gap) + column * zoom, gap + y * (rows * zoom + gap) + row * zoom];
}

function drawRow(row, box) {
  const context = row.canvas.getContext("2d");
  const scale = row.canvas.width / row.width;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(row.base, 0, 0);
  if (!box) return;
  const [first, last] = box.maps;
  const whole = isFlat(row.layer) && first !== last;
  for (let map = first; map <= (whole ? first : last); map++) {
    const [x, y] = corner(row, map, box.rows[0], box.columns[0]);
    const [right, bottom] = corner(row, map, box.rows[1] + 1, box.columns[1] + 1);
    const frame = whole ? [1, 1, row.width - 2, row.height - 2] : [x - 1, y - 1, right - x + 2, bottom - y + 2];
    for (const [strokeStyle, lineWidth] of [["black", 3], ["#ffb000", 1.5]]) {
      Object.assign(context, { strokeStyle, lineWidth });
      context.strokeRect(...frame);
    }
  }
}

// The layer below comes to the top, unless the pixel itself were out of sight then.
function scrollTo(part, rows, [index, ...place]) {
  const pixel = rows[index].canvas.offsetTop + corner(rows[index], ...place)[1];
  const below = rows[Math.max(1, index - 1)].figure.offsetTop - 4;
  part.scrollTop = Math.max(below, pixel + 40 - part.clientHeight);
}

function listenToPointer(row, choose) {
  const point = ({ type, pointerType, clientX, clientY }) => {
    if (type === "pointermove" && pointerType === "touch") return; // which may be scrolling
    const [rows, columns, maps] = row.layer.shape;
    const box = row.canvas.getBoundingClientRect();
    const along = (offset, size, count) => {
      const tile = Math.floor(Math.max(0, offset - row.gap) / (count * row.zoom + row.gap));
      const inside = Math.floor((offset - row.gap - tile * (count * row.zoom + row.gap)) / row.zoom);
      return [tile, Math.min(count - 1, Math.max(0, inside))];
    };
    const [x, column] = along(((clientX - box.left) / box.width) * row.width, row.width, columns);
    const [y, line] = along(((clientY - box.top) / box.height) * row.height, row.height, rows);
    const map = y * row.across + x;
    if (x < row.across && map < maps) choose([map, line, column]);
  };
  row.canvas.addEventListener("pointermove", point);
  row.canvas.addEventListener("click", point);
}

// Keys pressed here end here, as in `sketchpad.js`, which says why; only Ctrl+S goes on, to save.
function listenToKeys(el, rows, select) {
  const press = (event) => {
    const command = event.ctrlKey || event.metaKey;
    const path = event.composedPath();
    const saves = command && !event.shiftKey && event.key.toLowerCase() === "s";
    if (!path.includes(el) || saves) return;
    event.stopPropagation();
    const row = rows.find(({ canvas }) => canvas === path[0]);
    const isUsed = event.key in ARROWS || event.key === "Home" || event.key === "End";
    if (command || event.altKey || !row || !isUsed) return;
    event.preventDefault();
    select((place) => moved(row, place, event.key));
  };
  const leave = (event) => {
    if (!event.composedPath().includes(el) && el.contains(document.activeElement)) {
      el.closest(".jp-Cell, .jp-Notebook")?.focus({ preventScroll: true });
    }
  };
  window.addEventListener("keydown", press, true);
  window.addEventListener("pointerdown", leave, true);
  return () => {
    window.removeEventListener("keydown", press, true);
    window.removeEventListener("pointerdown", leave, true);
  };
}

// One pixel on; from the edge of a map into the map beside it, above or below.
function moved({ layer, across }, [index, map, row, column], key) {
  const [rows, columns, maps] = layer.shape;
  if (key === "Home") return [index, 0, 0, 0];
  if (key === "End") return [index, maps - 1, rows - 1, columns - 1];
  const [right, down] = ARROWS[key];
  const over = (position, count) => Math.floor(position / count); // -1, 0 or 1
  const next = map + over(column + right, columns) + across * over(row + down, rows);
  if (next < 0 || next >= maps) return [index, map, row, column];
  return [index, next, (row + down + rows) % rows, (column + right + columns) % columns];
}

const isFlat = ({ shape: [rows, columns] }) => rows * columns === 1;
const nameOf = (layer, map) => (layer.kind === "image" ? "the image" : `${isFlat(layer) ? "number" : "map"} ${map}`);
const at = ({ shape: [, columns, maps], values }, map, row, column) => values[(row * columns + column) * maps + map];
const range = (count) => Array.from({ length: count }, (_, index) => index);
const total = (values) => values.reduce((sum, value) => sum + value, 0);
const numbers = ({ buffer, byteOffset: from, byteLength }) => new Float32Array(buffer.slice(from, from + byteLength));

// Where the numbers farthest from zero are, so many of them.
function largest(values, count) {
  const found = [];
  const larger = (best, value, index) =>
    Math.abs(value) <= Math.abs(values[best]) || found.includes(index) ? best : index;
  while (found.length < Math.min(count, values.length)) found.push(values.reduce(larger, -1));
  return found;
}

function strongest({ shape: [, columns, maps], values }) {
  const index = values.reduce((best, value, at) => (value > values[best] ? at : best), 0);
  const pixel = Math.floor(index / maps);
  return [index % maps, Math.floor(pixel / columns), pixel % columns];
}

// So many decimals; of what would round to zero or fill the line, the first digits.
function show(value, decimals = 4) {
  const [size, unit] = [Math.abs(value), 10 ** -decimals];
  const odd = size !== 0 && (size < unit / 2 || size >= 1e4);
  return (value === 0 ? "0" : odd ? value.toExponential(1) : value.toFixed(decimals)).replaceAll("-", "−");
}

export default { render };
