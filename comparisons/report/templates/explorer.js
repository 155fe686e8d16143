"use strict";
// Everything that is drawn here was computed beforehand; nothing is fetched.
(() => {
  let unfolded = [];  // for print, but for tables of many rows
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open]):not(.long)")];
    unfolded.forEach(one => { one.open = true; });
  });
  addEventListener("afterprint", () => unfolded.forEach(one => { one.open = false; }));
  const source = document.getElementById("explorer-data");
  if (!source) return;
  const all = JSON.parse(source.textContent);
  const root = document.getElementById("explorer");
  const part = name => root.querySelector(`[data-part="${name}"]`);
  const slider = document.getElementById("k"), chooser = document.getElementById("dataset");
  const beyond = document.getElementById("beyond");
  const MODELS = [["circuit", "circuit"], ["topk", "top-K"], ["dense", "dense"]];
  const BLUE = [0, 114, 178], WHITE = [255, 255, 255], VERMILLION = [213, 94, 0];
  let shown = all[0], stimulus = 0;

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const drawn = (name, attributes = {}, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const percent = share => (share < 0.0005 ? "<\u00a00.1" : share < 0.1 ? (100 * share).toFixed(1) : Math.round(100 * share)) + "\u00a0%";
  const atp = n => {  // molecules, in thousands, millions or milliards
    const step = n ? Math.max(0, Math.min(4, Math.floor(Math.log10(n) / 3))) : 0;
    return `${+(n / 1000 ** step).toPrecision(3)}${["", " k", " M", " G", " T"][step]}`;
  };

  const mixed = (level) => {  // a field: blue below zero, vermillion above
    const share = Math.min(1, Math.abs(level - 128) / 127), end = level < 128 ? BLUE : VERMILLION;
    return WHITE.map((white, i) => white + share * (end[i] - white));
  };
  const grey = level => shown.signed ? [level, level, level] : [255 - level, 255 - level, 255 - level];
  const picture = (levels, colour, words) => {
    const [height, width] = shown.shape;
    const canvas = element("canvas", words ? { width, height, role: "img", "aria-label": words }
                                           : { width, height, "aria-hidden": "true" });
    const image = new ImageData(width, height);
    levels.forEach((level, i) => image.data.set([...colour(level), 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  };

  const views = () => {
    const at = Number(slider.value);
    return { circuit: shown.circuit[at].views[stimulus], topk: shown.topk[at][stimulus], dense: shown.dense[stimulus] };
  };

  const showImages = found => {
    const name = shown.stimuli[stimulus].name;
    const rows = [["stimulus", name, shown.stimuli[stimulus].image, ""]];
    for (const [key, label] of MODELS) {
      const { n_active, error, image } = found[key];
      rows.push([label, `${n_active} active`, image, `error ${percent(error)}`]);
    }
    part("images").classList.toggle("row-images", !shown.square);
    part("images").replaceChildren(...rows.map(([label, words, image, error]) => element("figure", {},
      picture(bytes(image), grey, label === "stimulus" ? `the stimulus, ${name}` : `reconstruction of the ${label} model, ${error}`),
      element("figcaption", {}, element("strong", {}, label), ...[words, error].filter(Boolean).map(line => element("span", {}, line))))));
  };

  const showFields = (found, k) => {
    const { fields } = shown.circuit[Number(slider.value)], size = shown.shape[0] * shown.shape[1];
    const levels = bytes(fields);
    part("fields").replaceChildren(...found.winners.map((unit, i) => element("li", {},
      picture(levels.subarray(unit * size, (unit + 1) * size), mixed, `receptive field of winner ${i + 1}`),
      `${found.rates[i].toFixed(found.rates[i] < 9.95 ? 1 : 0)} Hz`)));
    const n = found.winners.length;
    part("fields-told").textContent = n < found.n_active ? `The ${n} strongest of ${found.n_active}.` : "";
  };

  const ticks = (most, n) => {
    const rough = most / n, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough);
    return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);
  };
  const showCourse = (found, k) => {
    const courses = shown.circuit.map(each => each.views[stimulus].course);  // all k's share their axes
    const lasts = Math.max(...courses.map(each => each.time_ms.at(-1)));
    const peak = Math.max(...courses.flatMap(each => each.n_active), ...shown.k);
    const width = Math.max(280, part("course").clientWidth || 480), height = 210, left = 46, right = 10, top = 22, bottom = 40;
    const x = time => left + (width - left - right) * time / lasts;
    const y = count => height - bottom - (height - top - bottom) * count / peak;
    const course = found.course, path = course.time_ms.map((time, i) =>
      (i ? `H${x(time).toFixed(1)}V` : `M${x(time).toFixed(1)} `) + y(course.n_active[i]).toFixed(1)).join("");
    const words = `Active units over time: at most ${Math.max(...course.n_active)}, at the end ${course.n_active.at(-1)}, decision after ${course.decisions_ms.at(-1)} ms`;
    const chart = drawn("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words });
    chart.append(drawn("path", { class: "frame", d: `M${left} ${top}V${height - bottom}H${width - right}` }));
    for (const time of ticks(lasts, 5)) {
      chart.append(drawn("path", { class: "frame", d: `M${x(time)} ${height - bottom}v4` }),
                   drawn("text", { x: x(time), y: height - bottom + 17, "text-anchor": "middle" }, String(+time.toPrecision(6))));
    }
    chart.append(drawn("text", { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" }, "time since onset (ms)"));
    const labels = [[k, `k = ${k}`], [peak, String(peak)], [0, "0"]];
    labels.filter(([n], i) => !i || Math.abs(y(n) - y(k)) > 13)
      .forEach(([n, text]) => chart.append(drawn("text", { x: left - 6, y: y(n) + 4, "text-anchor": "end" }, text)));
    chart.append(drawn("path", { class: "wanted", d: `M${left} ${y(k)}H${width - right}` }));
    course.decisions_ms.forEach(time => chart.append(drawn("path", { class: "decision", d: `M${x(time)} ${top}V${height - bottom}` })));
    chart.append(drawn("path", { class: "course", d: path }));
    const decided = course.decisions_ms.at(-1), nearEnd = x(decided) > width / 2;
    chart.append(drawn("text", { x: x(decided), y: top - 7, "text-anchor": nearEnd ? "end" : "start" },
                       `${found.settled ? "decision" : "no decision"}, ${decided} ms`));
    part("course").replaceChildren(chart);
    const cycles = course.decisions_ms.length;
    part("course-told").textContent = (found.n_active < k ? `Only ${found.n_active} units are active: fewer than k are driven enough.`
      : found.n_active > k ? "More than k units are left: inhibition does not part them." : "Inhibition starts above every drive, and is released until k units are active.")
      + (cycles > 1 ? ` ${cycles} cycles: what is unexplained drives all units anew.` : "");
  };

  const showEnergy = found => {
    const first = beyond.checked ? 1 : 0, total = parts => parts.slice(first).reduce((sum, one) => sum + one, 0);
    const compared = [...shown.circuit.map(each => each.views[stimulus]), ...shown.topk.map(each => each[stimulus]), found.dense];
    const most = Math.max(...compared.map(view => total(view.ATP)));  // one scale for all k's
    const used = shown.groups.map((_, i) => i).filter(i => i >= first && compared.some(view => view.ATP[i] > 0));
    part("legend").replaceChildren(...used.map(i => element("li", {}, element("i", { class: `tone-${i}` }), shown.groups[i])));
    part("bars").replaceChildren(...MODELS.map(([key, label]) => {
      const parts = found[key].ATP;
      const words = `${label}: ${atp(total(parts))} ATP; ` + used.map(i => `${shown.groups[i]} ${atp(parts[i])}`).join(", ");
      const bar = drawn("svg", { role: "img", "aria-label": words });
      let start = 0;
      for (const i of used) {
        const wide = 97 * parts[i] / most;
        bar.append(drawn("rect", { class: `tone-${i}`, x: `${start}%`, width: `${wide}%`, height: "100%" }));
        start += wide + (wide > 1 ? 0.3 : 0);
      }
      return element("div", { class: "bar" }, element("span", {}, label), bar,
                     element("span", { class: "total" }, `${atp(total(parts))} ATP`));
    }));
    const head = element("tr", {}, element("th", { scope: "col" }, "ATP"),
      ...MODELS.map(([, label]) => element("th", { scope: "col", class: "number" }, label)));
    const line = (label, value) => element("tr", {}, element("th", { scope: "row" }, label),
      ...MODELS.map(([key]) => element("td", { class: "number" }, atp(value(found[key].ATP)))));
    part("energies").replaceChildren(element("thead", {}, head), element("tbody", {},
      ...used.map(i => line(shown.groups[i], parts => parts[i])), line("sum", total)));
  };

  const show = () => {
    const k = shown.k[Number(slider.value)], found = views(), { circuit, topk, dense } = found;
    part("k-told").textContent = `${k} of ${shown.n_hidden}`;
    slider.setAttribute("aria-valuetext", `${k} of ${shown.n_hidden} units`);
    part("told").textContent = (circuit.settled ? `${circuit.n_active} of ${shown.n_hidden} units win after ${circuit.decision_ms} ms.`
      : `No decision: ${circuit.n_active} of ${shown.n_hidden} units are active after ${circuit.decision_ms} ms.`)
      + ` They leave an error of ${percent(circuit.error)}, a trained top-K model ${percent(topk.error)}, `
      + `the dense model, with ${dense.n_active} active units, ${percent(dense.error)}.`;
    showImages(found);
    showFields(circuit, k);
    showCourse(circuit, k);
    showEnergy(found);
  };

  const showStimuli = () => part("stimuli").replaceChildren(...shown.stimuli.map((each, i) => {
    const input = element("input", { type: "radio", name: "stimulus", value: i });
    input.checked = i === stimulus;
    input.addEventListener("change", () => { stimulus = i; show(); });
    return element("label", {}, input, picture(bytes(each.image), grey, ""), element("span", {}, each.name));
  }));
  const choose = index => {
    shown = all[index];
    stimulus = 0;
    slider.max = shown.k.length - 1;
    slider.value = Math.floor((shown.k.length - 1) / 2);
    part("k-least").textContent = shown.k[0];
    part("k-most").textContent = shown.k.at(-1);
    showStimuli();
    show();
  };

  chooser.replaceChildren(...all.map((each, i) => element("option", { value: i }, each.dataset)));
  part("choose-dataset").hidden = all.length < 2;
  chooser.addEventListener("change", () => choose(Number(chooser.value)));
  slider.addEventListener("input", show);
  beyond.addEventListener("change", show);
  part("body").hidden = false;
  choose(0);
  let width = root.clientWidth;
  addEventListener("resize", () => { if (root.clientWidth !== width) { width = root.clientWidth; show(); } });
})();
