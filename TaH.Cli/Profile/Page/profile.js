// The page of tah profile: draws the JSON that stands in it. No network, no library.
const state = { phase: data.phases.length - 1, pass: 0, from: 0, to: 1, picked: null, hovered: null, group: 'stage', sort: 'total', up: false, filter: '' };
const read = data.ceilings.read_tb_s * 1e12, matrix = data.ceilings.matmul_tflop_s * 1e12;

// ---- numbers for people
const time = us => us === 0 ? '0' : us < 1 ? digits(us * 1000) + ' ns' : unit(us, ['µs', 'ms', 's']);
const bytes = b => unit(b, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], 1024);
const grade = s => s >= .7 ? 'var(--good)' : s >= .35 ? 'var(--fair)' : 'var(--poor)';
const nameOf = kernel => kernel[state.group] || kernel.operation;
const colors = () => state.colors;
const color = kernel => state.colors.get(nameOf(kernel));
function sums(kernels) {
  const found = new Map();
  kernels.forEach(k => found.set(nameOf(k), (found.get(nameOf(k)) || 0) + k.us));
  return [...found].sort((a, b) => b[1] - a[1]);
}
// The same colour in every phase: the first ones for what takes the most time.
function mix() { state.colors = new Map(sums(data.phases.flatMap(p => p.kernels)).map(([name], i) => [name, palette[i % palette.length]])); }
const phase = () => data.phases[state.phase];
const passesOf = number => data.passes.filter(pass => pass.phase === number);
const span = p => p.kernels_us + p.gaps_inside_us + p.gaps_between_us;

const title = k => `<b>${escape(k.operation)} <span class="dim">${escape(k.variant)}</span></b>`;
const kernelTip = k => title(k) + facts([
  k.stage && ['for', escape(k.stage)], k.sizes && ['sizes', escape(k.sizes)], ['calls', k.calls.toLocaleString('en')], ['each', time(k.us / k.calls)],
  ['shortest, longest', `${time(k.min_us)}, ${time(k.max_us)}`], ['share', percent(k.share)], ['bytes', bytes(k.bytes)], ['operations', rate(k.flops, 'FLOP')],
  ['memory', rate(k.gb_s * 1e9, 'B/s')], ['arithmetic', rate(k.tflop_s * 1e12, 'FLOP/s')], ['of the ' + (k.bound === 'memory' ? 'read' : 'matrix') + ' ceiling', percent(k.share_of_ceiling)]]);

// ---- head, cards, split
function drawHead() {
  $('model').textContent = data.model;
  const w = data.work;
  const parts = [w.prompt ? `prompt of ${w.prompt.toLocaleString('en')}` : '', w.tokens ? `${w.tokens.toLocaleString('en')} tokens decoded` : '',
    w.depth ? `context of ${w.depth.toLocaleString('en')}` : '', w.batch > 1 ? `${w.batch} sequences` : ''].filter(Boolean);
  $('device').textContent = `${data.device.name} (${data.device.abilities}) · ${parts.join(', ')}`;
  $('phases').hidden = data.phases.length < 2;
  $('phases').innerHTML = data.phases.map((p, i) => `<button role="tab" aria-selected="${i === state.phase}" data-i="${i}">${p.phase}</button>`).join('');
}
function drawCards() {
  const p = phase(), each = us => time(us / p.passes), busy = p.kernels_us / span(p);
  const card = (name, value, note, share) => {
    const [number, ...rest] = value.split(' ');
    const meter = share === undefined ? '' : `<div class="meter"><div style="width:${Math.min(100, 100 * share)}%;background:${grade(share)}"></div></div>`;
    return `<div class="card"><span class="name">${name}</span><b>${number}<span>${rest.join(' ')}</span></b><i>${note}</i>${meter}</div>`;
  };
  $('cards').innerHTML = [
    card('Speed', `${digits(p.tokens_per_s)} tokens/s`, `${p.tokens.toLocaleString('en')} tokens in ${p.passes} passes${p.deep_passes ? `, ${p.deep_passes} with deep rows` : ''}`),
    card('Of the ceiling', percent(p.share_of_ceiling), 'least time over the time it took', p.share_of_ceiling),
    card('A pass', each(p.plain_us), `${each(p.profiled_us)} while profiled`),
    card('Kernels of a pass', each(p.kernels_us), `${Math.round(p.launches / p.passes)} launches, ${time(p.kernels_us / p.launches)} each`),
    card('Device busy', percent(busy), 'kernels over kernels and gaps', busy),
    card('Gaps of a pass', each(p.gaps_inside_us), `${each(p.gaps_between_us)} until the next pass`)].join('');
}
function drawSplit() {
  const p = phase(), whole = span(p), gaps = p.gaps_inside_us + p.gaps_between_us;
  const all = sums(p.kernels).map(([name, us]) => ({ name, us, fill: colors().get(name) })), parts = all.filter(g => g.us >= .004 * whole);
  const rest = all.filter(g => g.us < .004 * whole), small = rest.reduce((sum, g) => sum + g.us, 0);
  document.querySelectorAll('#groups button').forEach(b => b.setAttribute('aria-selected', b.dataset.g === state.group));
  $('split-note').textContent = `${time(whole / p.passes)} from pass to pass`;
  $('split').innerHTML = parts.map(g => `<div data-op="${escape(g.name)}" style="flex:${g.us};background:${g.fill}">${g.us / whole > .08 ? escape(g.name) : ''}</div>`).join('')
    + (small ? `<div style="flex:${small};background:var(--dim)"></div>` : '') + `<div class="gap" style="flex:${gaps}">${gaps / whole > .08 ? 'gaps' : ''}</div>`;
  $('legend').innerHTML = parts.map(g => `<span data-op="${escape(g.name)}"><i class="swatch" style="background:${g.fill}"></i>${escape(g.name)} <em>${percent(g.us / whole)}</em></span>`).join('')
    + (small ? `<span title="${escape(rest.map(g => g.name).join(', '))}"><i class="swatch" style="background:var(--dim)"></i>${rest.length} smaller <em>${percent(small / whole)}</em></span>` : '')
    + `<span><i class="swatch" style="background:var(--line)"></i>gaps <em>${percent(gaps / whole)}</em></span>`;
}
function drawSavings() {
  const p = phase();
  $('savings').innerHTML = p.savings.slice(0, 7).map(s =>
    `<li><b>${time(s.us / p.passes)}</b><strong>${escape(s.what)}</strong><p>${escape(s.why)}</p></li>`).join('');
}

// ---- roofline
function drawRoofline() {
  const p = phase(), W = 760, H = 430, L = 64, R = 14, T = 14, B = 44, strip = 30;
  const log = Math.log10, ridge = matrix / read, real = p.kernels.filter(k => k.flops > 0 && k.us > 0);
  const xs = real.map(k => k.flops / k.bytes), x0 = log(Math.min(.4, ...xs)) - .18, x1 = log(Math.max(ridge * 5, ...xs)) + .3;
  const roof = x => Math.min(read * x, matrix);
  const ys = real.map(k => k.tflop_s * 1e12), y1 = log(Math.max(matrix, ...ys)) + .35;
  const y0 = Math.max(y1 - 7, Math.min(log(roof(10 ** x0)) - .6, ...ys.map(v => log(v) - .25)));
  const px = x => L + strip + (log(x) - x0) / (x1 - x0) * (W - L - R - strip), py = y => T + (y1 - Math.max(y0, log(y))) / (y1 - y0) * (H - T - B);
  const out = [];
  for (let d = Math.ceil(x0); d <= x1; d++) out.push(`<line class="grid" x1="${px(10 ** d)}" x2="${px(10 ** d)}" y1="${T}" y2="${H - B}"/><text class="axis" x="${px(10 ** d)}" y="${H - B + 18}" text-anchor="middle">${10 ** d}</text>`);
  for (let d = Math.ceil(y0); d <= y1; d++) out.push(`<line class="grid" x1="${L}" x2="${W - R}" y1="${py(10 ** d)}" y2="${py(10 ** d)}"/><text class="axis" x="${L - 8}" y="${py(10 ** d) + 4}" text-anchor="end">${unit(10 ** d, ['', 'K', 'M', 'G', 'T', 'P']).replace(/\.\d+/, '')}</text>`);
  const a = 10 ** x0, z = 10 ** x1, line = `M${px(a)} ${py(roof(a))}L${px(ridge)} ${py(matrix)}L${px(z)} ${py(matrix)}`;
  out.push(`<path class="under" d="${line}L${px(z)} ${H - B}L${px(a)} ${H - B}Z"/><path class="roof" d="${line}"/>`);
  const slope = Math.atan2(py(read * 10) - py(read), px(10) - px(1)) * 180 / Math.PI, at = Math.sqrt(a * ridge);
  out.push(`<text class="tag" transform="translate(${px(at)} ${py(read * at) - 9}) rotate(${slope})" text-anchor="middle">read ${rate(read, 'B/s')}</text>`);
  out.push(`<text class="tag" x="${W - R}" y="${py(matrix) - 9}" text-anchor="end">matrix product ${rate(matrix, 'FLOP/s')}</text>`);
  out.push(`<text class="axis" x="${(L + W) / 2}" y="${H - 8}" text-anchor="middle">operations a byte</text><text class="axis" transform="translate(14 ${H / 2 - 20}) rotate(-90)" text-anchor="middle">operations a second</text>`);
  out.push(`<text class="axis" x="${L + strip / 2}" y="${H - B + 18}" text-anchor="middle">none</text>`);
  const order = p.kernels.map((k, i) => [k, i]).sort((m, n) => n[0].us - m[0].us);
  for (const [k, i] of order) {
    const x = k.flops > 0 ? px(k.flops / k.bytes) : L + strip / 2, y = k.flops > 0 ? py(k.tflop_s * 1e12) : py(Math.max(1, roof(a) * k.share_of_ceiling));
    out.push(`<circle data-k="${i}" cx="${x}" cy="${y}" r="${Math.max(3.5, 26 * Math.sqrt(k.share))}" fill="${color(k)}"/>`);
  }
  // The names of the largest, one below the other where their dots are close.
  const names = order.filter(([k]) => k.share > .04 && k.flops > 0).slice(0, 8)
    .map(([k]) => ({ k, x: px(k.flops / k.bytes) + Math.max(3.5, 26 * Math.sqrt(k.share)) + 5, y: py(k.tflop_s * 1e12) + 4 })).sort((m, n) => m.y - n.y);
  names.forEach((name, i) => names.slice(0, i).forEach(other => { if (Math.abs(other.x - name.x) < 110 && name.y - other.y < 14) name.y = other.y + 14; }));
  for (const { k, x, y } of names) out.push(`<text class="tag" x="${x}" y="${y}" style="font-size:11px">${escape(k.stage || k.operation)}</text>`);
  $('roofline').innerHTML = out.join('');
}

// ---- table
const columns = [
  ['kernel', 'operation', 'text', k => `<i class="swatch" style="background:${color(k)}"></i>${escape(k.operation)}<small>${escape(k.variant)}</small>`],
  ['for', 'stage', 'text', k => escape(k.stage)], ['sizes', 'sizes', 'text', k => `<span class="dim">${escape(k.sizes)}</span>`],
  ['calls', 'calls', '', k => k.calls.toLocaleString('en')], ['each', k => k.us / k.calls, '', k => time(k.us / k.calls)], ['total', 'us', '', k => time(k.us)],
  ['share', 'share', 'text', k => `<span class="bar"><i style="width:${100 * k.share}%;background:${color(k)}"></i></span>${percent(k.share)}`],
  ['bytes', 'bytes', '', k => bytes(k.bytes)], ['FLOP', 'flops', '', k => k.flops ? rate(k.flops, '') : ''],
  ['memory', 'gb_s', '', k => rate(k.gb_s * 1e9, 'B/s')], ['arithmetic', 'tflop_s', '', k => k.flops ? rate(k.tflop_s * 1e12, 'FLOP/s') : ''],
  ['of ceiling', 'share_of_ceiling', 'text', k => `<span class="bar"><i style="width:${Math.min(100, 100 * k.share_of_ceiling)}%;background:${grade(k.share_of_ceiling)}"></i></span>${percent(k.share_of_ceiling)}<small>${k.bound}</small>`],
  ['could save', k => k.us * (1 - Math.min(1, k.share_of_ceiling)), '', k => time(k.us * (1 - Math.min(1, k.share_of_ceiling)))]];
const keyOf = (column, k) => typeof column[1] === 'function' ? column[1](k) : k[column[1]];
function drawTable() {
  const p = phase(), by = columns.find(c => c[0] === state.sort);
  const rows = p.kernels.map((k, i) => [k, i]).filter(([k]) => `${k.operation} ${k.variant} ${k.stage} ${k.sizes}`.toLowerCase().includes(state.filter));
  rows.sort(([a], [b]) => { const [m, n] = [keyOf(by, a), keyOf(by, b)]; return (state.up ? 1 : -1) * (m < n ? -1 : m > n ? 1 : 0); });
  const head = columns.map(c => `<th class="${c[2]}" data-c="${c[0]}"${c === by ? ` aria-sort="${state.up ? 'ascending' : 'descending'}"` : ''}>${c[0]}</th>`).join('');
  $('kernels').innerHTML = `<thead><tr>${head}</tr></thead><tbody>` + rows.map(([k, i]) =>
    `<tr data-k="${i}"${state.picked === i ? ' class="on"' : ''}>${columns.map(c => `<td class="${c[2]}">${c[3](k)}</td>`).join('')}</tr>`).join('') + '</tbody>';
}
function fade() {
  const op = state.hovered, pick = state.picked;
  document.querySelectorAll('#roofline circle').forEach(c => {
    const k = phase().kernels[c.dataset.k];
    c.classList.toggle('fade', op ? nameOf(k) !== op : pick !== null && +c.dataset.k !== pick);
  });
  drawTimeline();
}

// ---- timeline
const lanes = [['layer', 22], ['stage', 24], ['kernel', 46]];
function choose(index) {
  const list = passesOf(state.phase);
  state.pass = Math.max(0, Math.min(list.length - 1, index));
  state.from = 0;
  state.to = list[state.pass] ? list[state.pass].us : 1;
  drawPasses();
  drawTimeline();
}
function drawPasses() {
  const list = passesOf(state.phase), most = Math.max(...list.map(p => p.us)), now = list[state.pass];
  $('passes').innerHTML = list.map((p, i) => `<div data-i="${i}" class="${p.deep ? 'deep ' : ''}${i === state.pass ? 'on' : ''}" style="height:${Math.max(8, 100 * p.us / most)}%"></div>`).join('');
  $('pass-note').textContent = now ? `pass ${state.pass + 1} of ${list.length}${data.passes_cut ? ` (${data.passes_cut} more were left out)` : ''}: ${now.kind}, ${now.rows} row${now.rows > 1 ? 's' : ''}, context ${now.context}, ${time(now.us)}` : '';
}
function stretches(runs, key) {
  const found = [];
  for (const run of runs) {
    const last = found[found.length - 1];
    if (last && last.key === key(run)) last.end = run[2] + run[3];
    else found.push({ key: key(run), start: run[2], end: run[2] + run[3] });
  }
  return found;
}
function drawTimeline() {
  const canvas = $('timeline'), pass = passesOf(state.phase)[state.pass], ratio = window.devicePixelRatio || 1;
  const W = canvas.clientWidth, H = 30 + lanes.reduce((sum, lane) => sum + lane[1] + 6, 0);
  canvas.style.height = H + 'px';
  canvas.width = W * ratio;
  canvas.height = H * ratio;
  const g = canvas.getContext('2d'), css = getComputedStyle(document.documentElement), v = name => css.getPropertyValue(name).trim();
  g.scale(ratio, ratio);
  state.boxes = [];
  if (!pass) return;
  const L = 56, x = us => L + (us - state.from) / (state.to - state.from) * (W - L);
  g.font = '11px Inter, system-ui, sans-serif';
  g.textBaseline = 'middle';
  const step = [1, 2, 5].flatMap(m => [...Array(10).keys()].map(e => m * 10 ** (e - 2))).sort((a, b) => a - b).find(s => s * (W - L) / (state.to - state.from) > 90);
  for (let t = Math.ceil(state.from / step) * step; t <= state.to; t += step) {
    g.fillStyle = v('--line');
    g.fillRect(x(t), 20, 1, H - 20);
    g.fillStyle = v('--dim');
    g.fillText(t === 0 ? '0' : time(t), x(t) + 4, 10);
  }
  let y = 26;
  const box = (start, end, height, fill, label, ink, hit, faded) => {
    const a = Math.max(L, x(start)), b = Math.min(W, x(end));
    if (b < L || a > W || b <= a) return;
    g.globalAlpha = faded ? .15 : 1;
    g.fillStyle = fill;
    const width = Math.max(.6, b - a - (b - a > 3 ? 1 : 0));
    g.beginPath();
    g.roundRect(a, y, width, height, Math.min(4, width / 3));
    g.fill();
    if (label && width > Math.min(46, g.measureText(label).width + 10)) {
      g.save();
      g.beginPath();
      g.rect(a, y, width - 4, height);
      g.clip();
      g.fillStyle = ink;
      g.fillText(label, a + 6, y + height / 2 + .5);
      g.restore();
    }
    g.globalAlpha = 1;
    if (hit) state.boxes.push([a, y, width, height, hit]);
  };
  const kernels = phase().kernels;
  for (const [lane, height] of lanes) {
    g.fillStyle = v('--dim');
    g.fillText(lane, 0, y + height / 2);
    if (lane === 'layer') stretches(pass.runs, r => r[1]).forEach(s => s.key >= 0
      && box(s.start, s.end, height, v(s.key % 2 ? '--soft' : '--line'), 'layer ' + s.key, v('--dim'), `<b>layer ${s.key}</b>` + facts([['time', time(s.end - s.start)]])));
    if (lane === 'stage') stretches(pass.runs, r => r[1] + '|' + kernels[r[0]].stage).forEach(s => {
      const name = s.key.split('|')[1];
      box(s.start, s.end, height, v('--soft'), name, v('--ink'), `<b>${escape(name)}</b>` + facts([['time', time(s.end - s.start)]]));
    });
    if (lane === 'kernel') for (const r of pass.runs) {
      const k = kernels[r[0]];
      const faded = state.hovered ? nameOf(k) !== state.hovered : state.picked !== null && r[0] !== state.picked;
      const note = facts([['for', escape(k.stage)], ['sizes', escape(k.sizes)], ['time', time(r[3])],
        ['memory', rate(k.bytes / k.calls / r[3] * 1e6, 'B/s')], r[1] >= 0 && ['layer', r[1]]]);
      box(r[2], r[2] + r[3], height, color(k), k.operation, '#fff', title(k) + note, faded);
    }
    y += height + 6;
  }
}
function wireTimeline() {
  const canvas = $('timeline'), at = event => (event.offsetX - 56) / (canvas.clientWidth - 56);
  const bound = () => {
    const whole = passesOf(state.phase)[state.pass].us, width = Math.min(whole, state.to - state.from);
    state.from = Math.max(0, Math.min(state.from, whole - width));
    state.to = state.from + width;
    drawTimeline();
  };
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    const width = state.to - state.from, focus = state.from + at(event) * width;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) { state.from += event.deltaX / 900 * width; state.to += event.deltaX / 900 * width; return bound(); }
    const wider = Math.max(.5, width * Math.exp(event.deltaY / 400));
    state.from = focus - at(event) * wider;
    state.to = state.from + wider;
    bound();
  }, { passive: false });
  let drag = null;
  canvas.addEventListener('pointerdown', event => { drag = event.clientX; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener('pointerup', () => { drag = null; });
  canvas.addEventListener('pointermove', event => {
    if (drag !== null) {
      const moved = (drag - event.clientX) / (canvas.clientWidth - 56) * (state.to - state.from);
      state.from += moved;
      state.to += moved;
      drag = event.clientX;
      untip();
      return bound();
    }
    const hit = state.boxes.findLast(([x, y, w, h]) => event.offsetX >= x - 1 && event.offsetX <= x + w + 1 && event.offsetY >= y && event.offsetY <= y + h);
    return hit ? tip(event, hit[4]) : untip();
  });
  canvas.addEventListener('pointerleave', untip);
  canvas.addEventListener('dblclick', () => choose(state.pass));
}

// ---- all of it
function draw() { mix(); drawHead(); drawCards(); drawSplit(); drawSavings(); drawRoofline(); drawTable(); const list = passesOf(state.phase);
  const middle = list.map((p, i) => [p.us, i]).sort((a, b) => a[0] - b[0])[list.length >> 1]; choose(middle ? middle[1] : 0); }
function wire() {
  const hovering = (id, selector, leave) => { $(id).addEventListener('mouseover', e => { const t = e.target.closest(selector); if (t) { state.hovered = t.dataset.op; fade(); } });
    $(id).addEventListener('mouseleave', () => { state.hovered = null; fade(); }); };
  hovering('split', '[data-op]');
  hovering('legend', '[data-op]');
  $('split').addEventListener('mousemove', e => { const op = e.target.dataset.op; if (!op) return untip();
    const all = phase().kernels.filter(k => nameOf(k) === op), sum = key => all.reduce((s, k) => s + k[key], 0);
    tip(e, `<b>${escape(op)}</b>` + facts([['kernels', all.length], ['calls', sum('calls').toLocaleString('en')], ['a pass', time(sum('us') / phase().passes)], ['share', percent(sum('share'))], ['bytes', bytes(sum('bytes'))]])); });
  $('split').addEventListener('mouseleave', untip);
  $('roofline').addEventListener('mousemove', e => e.target.dataset.k ? tip(e, kernelTip(phase().kernels[e.target.dataset.k])) : untip());
  $('roofline').addEventListener('mouseleave', untip);
  const pick = i => { state.picked = state.picked === i ? null : i; drawTable(); fade(); };
  $('roofline').addEventListener('click', e => { if (e.target.dataset.k) pick(+e.target.dataset.k); });
  $('kernels').addEventListener('click', e => {
    const head = e.target.closest('th'), row = e.target.closest('tbody tr');
    if (head) { state.up = state.sort === head.dataset.c ? !state.up : head.classList.contains('text') && !['share', 'of ceiling'].includes(head.dataset.c); state.sort = head.dataset.c; drawTable(); }
    else if (row) pick(+row.dataset.k);
  });
  $('filter').addEventListener('input', e => { state.filter = e.target.value.toLowerCase(); drawTable(); });
  $('groups').addEventListener('click', e => { if (e.target.dataset.g) { state.group = e.target.dataset.g; mix(); drawSplit(); drawRoofline(); drawTable(); fade(); } });
  $('phases').addEventListener('click', e => { if (e.target.dataset.i) { state.phase = +e.target.dataset.i; state.picked = null; draw(); } });
  $('passes').addEventListener('click', e => { if (e.target.dataset.i) choose(+e.target.dataset.i); });
  document.addEventListener('keydown', e => { if (e.target.tagName === 'INPUT') return; if (e.key === 'ArrowLeft') choose(state.pass - 1); if (e.key === 'ArrowRight') choose(state.pass + 1); });
  window.addEventListener('resize', drawTimeline);
  wireTimeline();
}
$('notes').innerHTML = `"Of the ceiling" is the time that a kernel's bytes or operations, each counted once, take at the measured ceiling (reading ${rate(read, 'B/s')}, this engine's own
  matrix product ${rate(matrix, 'FLOP/s')}), over the time that it took; above 100 % the operands came from a cache. A pass without the profiler runs as it does in earnest; ${data.launches_ahead
  ? 'profiled, it is queued kernel by kernel before it runs, each between two events of the card, whose own time is taken off' : 'profiled, the host waits before and after each kernel'}.`;
draw();
wire();
startTheme(drawTimeline);
