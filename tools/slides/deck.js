// Lays out every slide for a screen of 1280 by 720, then starts reveal.js. What does not fit on one
// screen in a good size goes on the next; only what cannot be divided is set small.
// A look: pixels of letters, pixels of code's letters, whether lines of code may be broken.
const LARGE = [[32, 24], [32, 22], [32, 20], [28, 20], [28, 18], [25, 17], [25, 16]];
const GOOD = [...LARGE, [25, 16, "wrapped"]], ANY = [...GOOD, [22, 15], [20, 14], [20, 14, "wrapped"]];
const ZOOMS = [1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1];
const SMALL = [...ZOOMS, 1, 0.9, 0.8, 0.7, 0.6, 0.5];
const slides = document.querySelector(".slides");
const measured = document.createElement("section");
measured.className = "measured";

const isHeading = (block) => /^H\d$/.test(block.tagName);
const isText = (block) => /^(P|UL|OL)$/.test(block.tagName);
const isCode = (block) => block.matches(".code");
const isOutput = (block) => block.matches(".jp-OutputArea-child");
const leads = (block) => isText(block) && /[:?]$/.test(block.textContent.trim());
const isCaption = (block) =>
  block.firstChild?.nodeName === "EM" && /[.?!]$/.test(block.firstChild.textContent);

// Paragraphs, tables, code and its outputs; `click` is the part that comes at a click.
function blocksOf(parent, click) {
  return [...parent.children].flatMap((child) => {
    if (child.matches(".notes, .jp-Collapser")) return [];
    const isPart = child.matches(".fragment, .jp-Cell, .jp-Cell-outputWrapper, .jp-OutputArea");
    if (isPart) return blocksOf(child, child.matches(".fragment") ? child : click);
    child.click = click;
    return [child];
  });
}

function fill(section, { blocks, look: [text, code, wrapped = ""], zoom }) {
  const screen = document.createElement("div");
  screen.className = `screen ${wrapped}`;
  screen.style.cssText = `--text: ${text}px; --code: ${code}px; --zoom: ${zoom}`;
  screen.append(...blocks);
  section.replaceChildren(screen);
  return screen;
}

// Whether all of it is on the screen, whichever of its answers is open.
function fits(layout) {
  const screen = fill(measured, layout);
  const parts = [screen, ...screen.querySelectorAll("pre, .jp-OutputArea-child")];
  return [null, ...screen.querySelectorAll("details")].every((answer) => {
    if (answer) answer.open = true;
    const inside = parts.every((part) =>
      part.scrollHeight <= part.clientHeight && part.scrollWidth <= part.clientWidth);
    if (answer) answer.open = false;
    return inside;
  });
}

// These blocks in the largest letters that fit, then with the largest pictures.
function placed(blocks, looks = GOOD, zooms = ZOOMS) {
  const look = looks.find((some) => fits({ blocks, look: some, zoom: zooms.at(-1) }));
  if (!look) return null;
  const hasPicture = measured.querySelector("img");
  return { blocks, look, zoom: hasPicture ? zooms.find((zoom) => fits({ blocks, look, zoom })) : 1 };
}

function mayDivide(before, after) {
  const isLead = leads(before) && !isOutput(after);
  const isShown = isOutput(before) && (isOutput(after) || isCaption(after));
  return !isHeading(before) && !isLead && !isShown && !after.matches("details");
}

// The screens that these blocks need: divided in two if that will do, before code if possible.
function arranged(blocks) {
  const whole = placed(blocks);
  const begins = (at) => isCode(blocks[at]) || leads(blocks[at]);
  const cuts = whole ? [] : [...blocks.keys()].slice(1)
    .filter((at) => mayDivide(blocks[at - 1], blocks[at]) && placed(blocks.slice(0, at)))
    .map((at) => ({ at, rank: 2 * Boolean(placed(blocks.slice(at))) + begins(at) }))
    .sort((a, b) => b.rank - a.rank || b.at - a.at);
  if (!cuts.length) return [whole ?? placed(blocks, ANY, SMALL) ?? { blocks, look: ANY.at(-1), zoom: 0.5 }];
  const [{ at }] = cuts;
  return [placed(blocks.slice(0, at)), ...arranged(blocks.slice(at))];
}

// What was left over of a text goes to the code that follows, if there is room.
function screensOf(screens, child) {
  const blocks = blocksOf(child), left = screens.at(-1)?.blocks ?? [];
  const isLeft = left.length && left.every(isText) && !child.querySelector("details");
  const joined = isLeft && placed([...left, ...blocks]);
  return joined ? [...screens.slice(0, -1), joined] : [...screens, ...arranged(blocks)];
}

function layOut(slide, number) {
  const title = slide.querySelector("h1, h2, h3")?.textContent ?? "";
  const notes = [...slide.querySelectorAll(".notes")];
  const sections = [...slide.children].reduce(screensOf, []).map((layout, part) => {
    const section = document.createElement("section");
    section.dataset.title = title;
    const answers = fill(section, layout).querySelectorAll("details");
    for (const answer of answers) answer.name = `${number}-${part}`;
    for (const block of layout.blocks) {
      if (!block.click || block.click === layout.blocks[0].click) continue;
      block.classList.add("fragment");
      block.dataset.fragmentIndex = 0;
    }
    return section;
  });
  for (const section of sections) section.append(...notes.map((note) => note.cloneNode(true)));
  slide.replaceChildren(...sections);
}

async function start() {
  const fonts = ["1em Deck", "italic 1em Deck", "600 1em Deck", "1em Deck-Code"];
  await Promise.all(fonts.map((font) => document.fonts.load(font)));
  for (const picture of document.images) {
    await picture.decode().catch(() => {}); // one that is broken stays so
    picture.style.setProperty("--width", `${picture.naturalWidth}px`);
  }
  const all = [...slides.children];
  slides.replaceChildren(measured);
  all.forEach(layOut);
  slides.replaceChildren(...all);
  await Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, controls: false, hash: true,
    navigationMode: "linear", slideNumber: "c/t", transition: "none", scrollActivationWidth: null,
    plugins: [RevealNotes],
  });
}

start();
