// The page of tah analyze: draws the JSON that stands in it. No network, no library.
const never = data.policies.find(p => p.policy === 'never'), decider = data.policies.find(p => p.policy === 'decider');
const label = p => p.policy === 'decider' ? `decider ${p.threshold}` : p.policy === 'reference' ? 'reference (made the labels)' : p.policy;
const colorOf = { never: palette[10], always: palette[1], oracle: palette[2], decider: palette[0], reference: palette[9] };
const count = v => v.toLocaleString('en'), fine = s => (100 * s).toFixed(2) + ' %', times = v => v.toFixed(2) + '×', code = text => `<code>${seen(text)}</code>`;
const hide = (id, gone) => { $(id).hidden = gone; };

// ---- tables
function table(id, columns, rows) {
  $(id).innerHTML = `<thead><tr>${columns.map(([name, isText]) => `<th class="${isText ? 'text' : ''}">${name}</th>`).join('')}</tr></thead><tbody>`
    + rows.map(({ cells, main }) => `<tr class="${main ? 'main' : ''}">${cells.map((c, i) => `<td class="${columns[i][1] ? 'text' : ''}">${c ?? ''}</td>`).join('')}</tr>`).join('') + '</tbody>';
}
const bar = (share, color) => `<span class="bar"><i style="width:${(100 * Math.min(1, share)).toFixed(1)}%${color ? ';background:' + color : ''}"></i></span>`;
const swatch = p => `<span class="swatch" style="background:${colorOf[p.policy]}"></span>${label(p)}`;

function drawHead() {
  $('model').textContent = data.model;
  $('about').textContent = `${count(data.tokens)} tokens of ${count(data.rows)} rows · at most ${data.max_iter} passes · ${data.device}`;
  const card = (name, value, note) => `<div class="card"><span class="name">${name}</span><b>${value}</b><i>${note}</i></div>`;
  const shown = decider || data.policies[data.policies.length - 1], gain = 100 * (shown.accuracy - never.accuracy), oracle = data.policies.find(p => p.policy === 'oracle');
  $('cards').innerHTML = [
    card('Next token right', fine(shown.accuracy), label(shown)),
    shown !== never && card('Against one pass', `${gain >= 0 ? '+' : '−'}${Math.abs(gain).toFixed(2)}<span>points</span>`, `never: ${fine(never.accuracy)}`),
    shown !== never && card('Passes a token', shown.average_iterations.toFixed(3), `${percent(shown.iterated_share)} take a second one`),
    oracle && decider && card('Of the oracle’s gain', percent((decider.accuracy - never.accuracy) / (oracle.accuracy - never.accuracy)), `oracle: ${fine(oracle.accuracy)} at ${oracle.average_iterations.toFixed(3)}`),
    shown !== never && card('Cost', times(shown.cost.flops / never.cost.flops), 'operations against one pass'),
  ].filter(Boolean).join('');
}
function drawTables() {
  table('policies', [['policy', 1], ['next token right'], ['of hard tokens'], ['whole answers'], ['passes'], ['second pass'], ['loss'], ['fixed'], ['broken']],
    data.policies.map(p => ({ main: p === decider, cells: [swatch(p), fine(p.accuracy), p.hard_accuracy === undefined ? '' : fine(p.hard_accuracy), percent(p.whole_rows), p.average_iterations.toFixed(3),
      percent(p.iterated_share), p.loss?.toFixed(4), p.cost && count(p.fixed), p.cost && count(p.broken)] })));
  const kinds = Object.keys(never.kinds);
  hide('kinds-panel', !kinds.length);
  table('kinds', [['policy', 1], ...kinds.map(kind => [escape(kind)])], data.policies.map(p => ({ main: p === decider, cells: [swatch(p), ...kinds.map(kind => fine(p.kinds[kind]))] })));
  table('cost', [['policy', 1], ['operations'], [''], ['bytes'], [''], ['KV memory'], ['']], data.policies.filter(p => p.cost).map(p => ({ main: p === decider, cells: [swatch(p),
    unit(p.cost.flops, ['', 'K', 'M', 'G', 'T']) + 'FLOP', times(p.cost.flops / never.cost.flops), unit(p.cost.bytes, ['B', 'KiB', 'MiB', 'GiB'], 1024), times(p.cost.bytes / never.cost.bytes),
    unit(p.cost.kv_bytes, ['B', 'KiB', 'MiB'], 1024), times(p.cost.kv_bytes / never.cost.kv_bytes)] })));
  const m = data.measured;
  $('measured').textContent = m ? `Measured on the first ${m.rows} rows run by the engine as requests: ${m.average_iterations.toFixed(3)} passes a token, ${count(m.pages)} pages of the KV grid in use, `
    + `${times(m.pages / m.pages_of_one_pass)} of what one pass takes.` : '';
  hide('decisions-panel', !decider?.decisions);
  if (!decider?.decisions) return;
  const d = decider.decisions;
  $('decisions-note').textContent = `at threshold ${decider.threshold}`;
  $('decisions').innerHTML = `<thead><tr><th class="text">labels say</th><th>goes on</th><th>stops</th></tr></thead><tbody><tr><td class="text">hard: go on</td><td class="yes">${count(d.true_positives)}</td>`
    + `<td class="no">${count(d.false_negatives)}</td></tr><tr><td class="text">easy: stop</td><td class="no">${count(d.false_positives)}</td><td class="yes">${count(d.true_negatives)}</td></tr></tbody>`;
  $('decisions-words').textContent = `right ${fine(d.accuracy)}, precision ${percent(d.precision)} (of those that go on, should), recall ${percent(d.recall)} (of those that should, do)`;
}
function drawTokens(key) {
  const list = data.iterated?.[key] || [];
  document.querySelectorAll('#tokens-nav button').forEach(b => b.setAttribute('aria-selected', b.dataset.k === key));
  table('tokens', [['token', 1], ['iterates', 1], ['probability'], ['hard'], ['times']], list.map(t => ({ cells: [code(t.token), bar(t.iterated_share) + percent(t.iterated_share),
    t.mean_probability === undefined ? '' : percent(t.mean_probability), t.hard_share === undefined ? '' : percent(t.hard_share), count(t.count)] })));
}
function drawChanges() {
  const list = data.iterated?.changes || [];
  hide('changes-panel', !list.length);
  table('changes', [['first pass says', 1], ['last pass says', 1], ['times'], ['fixed'], ['broken']], list.map(c => ({ cells: [code(c.from), code(c.to), count(c.count), count(c.fixed), count(c.broken)] })));
}

// ---- plots
const shape = { width: 620, left: 58, right: 16, top: 14, bottom: 38 };
function niceTicks(from, to, wanted = 5) {
  const rough = (to - from) / wanted, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough), found = [];
  for (let v = Math.ceil(from / step - 1e-9) * step; v <= to + step * 1e-6; v += step) found.push(+v.toFixed(10));
  return found;
}
function axes(height, xTicks, yTicks, x, y, xForm, yForm, xName) {
  const { width, left, right, bottom } = shape;
  return yTicks.map(v => `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(v)}" y2="${y(v)}"/><text class="axis" text-anchor="end" x="${left - 8}" y="${y(v) + 4}">${yForm(v)}</text>`).join('')
    + xTicks.map(v => `<text class="axis" text-anchor="middle" x="${x(v)}" y="${height - bottom + 17}">${xForm(v)}</text>`).join('')
    + `<text class="axis" text-anchor="middle" x="${(left + width - right) / 2}" y="${height - 4}">${xName}</text>`;
}
const scale = (from, to, low, high) => v => low + (v - from) / (to - from || 1) * (high - low);
const path = (points, color) => `<path stroke="${color}" d="M${points.map(p => p.map(v => v.toFixed(1)).join(' ')).join('L')}"/>`;
const legend = (id, list) => { $(id).innerHTML = list.map(([name, color]) => `<span><span class="swatch" style="background:${color}"></span>${name}</span>`).join(''); };
const onDots = (id, of) => { $(id).onmousemove = e => { const dot = e.target.closest('[data-i]'); if (dot) tip(e, of(+dot.dataset.i, dot)); else untip(); }; $(id).onmouseleave = untip; };

function drawSweep() {
  hide('sweep-panel', !data.sweep.length);
  hide('found-panel', !data.sweep.length || !data.has_labels);
  if (!data.sweep.length) return;
  const height = 330, { width, left, right, top, bottom } = shape, levels = data.policies.filter(p => ['never', 'always', 'oracle'].includes(p.policy));
  const shares = data.sweep.map(p => p.iterated_share), all = [...data.sweep, decider, ...levels.filter(p => p.policy !== 'always')].map(p => p.accuracy);
  const xTop = Math.max(.02, ...shares) * 1.06, pad = Math.max(.002, (Math.max(...all) - Math.min(...all)) * .12), low = Math.min(...all) - pad, high = Math.max(...all) + pad;
  const x = scale(0, xTop, left, width - right), y = scale(low, high, height - bottom, top), shown = levels.filter(p => p.accuracy >= low && p.accuracy <= high);
  const dots = data.sweep.map((p, i) => `<circle data-i="${i}" cx="${x(p.iterated_share).toFixed(1)}" cy="${y(p.accuracy).toFixed(1)}" r="5" fill="${colorOf.decider}"/>`).join('');
  const own = `<circle data-i="-1" cx="${x(decider.iterated_share)}" cy="${y(decider.accuracy)}" r="7.5" fill="none" style="stroke:var(--ink);stroke-width:2"/>`;
  $('sweep').innerHTML = axes(height, niceTicks(0, xTop), niceTicks(low, high), x, y, v => +(100 * v).toFixed(1) + ' %', v => (100 * v).toFixed(1) + ' %', 'share of tokens that take a second pass')
    + shown.map(p => `<line class="level" x1="${left}" x2="${width - right}" y1="${y(p.accuracy)}" y2="${y(p.accuracy)}" stroke="${colorOf[p.policy]}"/>`).join('')
    + path([...data.sweep].sort((a, b) => a.iterated_share - b.iterated_share).map(p => [x(p.iterated_share), y(p.accuracy)]), colorOf.decider) + dots + own;
  legend('sweep-legend', [['decider; the ring is the model’s own threshold', colorOf.decider], ...levels.map(p => [`${p.policy}: ${fine(p.accuracy)}${shown.includes(p) ? '' : ', below the picture'}`, colorOf[p.policy]])]);
  onDots('sweep', i => { const p = i < 0 ? decider : data.sweep[i]; return `<b>threshold ${p.threshold}</b>` + facts([['next token right', fine(p.accuracy)], ['second pass', percent(p.iterated_share)],
    ['fixed, broken', `${count(p.fixed)}, ${count(p.broken)}`], p.loss && ['loss', p.loss.toFixed(4)]]); });
  if (data.has_labels) drawFound(height);
}
function drawFound(height) {
  const { width, left, right, top, bottom } = shape, x = scale(0, 1, left, width - right), y = scale(0, 1, height - bottom, top), kinds = [['precision', palette[0]], ['recall', palette[1]], ['accuracy', palette[2]]];
  $('found').innerHTML = axes(height, [0, .2, .4, .6, .8, 1], [0, .25, .5, .75, 1], x, y, v => v, v => 100 * v + ' %', 'threshold')
    + kinds.map(([kind, color]) => path(data.sweep.map(p => [x(p.threshold), y(p.decisions[kind])]), color)
      + data.sweep.map((p, i) => `<circle data-i="${i}" data-k="${kind}" cx="${x(p.threshold).toFixed(1)}" cy="${y(p.decisions[kind]).toFixed(1)}" r="4" fill="${color}"/>`).join('')).join('');
  legend('found-legend', [['precision: of those that go on, should', palette[0]], ['recall: of those that should, do', palette[1]], ['all decisions right', palette[2]]]);
  onDots('found', i => { const p = data.sweep[i]; return `<b>threshold ${p.threshold}</b>` + facts(kinds.map(([kind]) => [kind, percent(p.decisions[kind])])); });
}
function drawFlips() {
  const list = data.policies.filter(p => p.cost && p.policy !== 'never'), height = 250, middle = 350, most = Math.max(1, ...list.flatMap(p => [p.fixed, p.broken])), w = v => v / most * 190, step = Math.min(56, 210 / Math.max(1, list.length));
  $('flips').innerHTML = (list.length ? '' : '<text class="axis" x="20" y="40">This model takes one pass.</text>') + list.map((p, i) => {
    const y = 26 + i * step, h = Math.min(26, step - 14);
    return `<text class="name" text-anchor="end" x="112" y="${y + h / 2 + 4}">${label(p)}</text>`
      + `<rect x="${middle - w(p.broken)}" y="${y}" width="${w(p.broken)}" height="${h}" fill="var(--poor)"/><text class="axis" text-anchor="end" x="${middle - w(p.broken) - 6}" y="${y + h / 2 + 4}">${count(p.broken)}</text>`
      + `<rect x="${middle}" y="${y}" width="${w(p.fixed)}" height="${h}" fill="var(--good)"/><text class="axis" x="${middle + w(p.fixed) + 6}" y="${y + h / 2 + 4}">${count(p.fixed)}</text>`;
  }).join('') + (list.length ? `<text class="axis" text-anchor="end" x="${middle - 6}" y="14">broken</text><text class="axis" x="${middle + 6}" y="14">fixed</text><line class="grid" x1="${middle}" x2="${middle}" y1="18" y2="${30 + list.length * step}"/>` : '');
  $('flips').setAttribute('viewBox', `0 0 620 ${Math.min(height, 40 + list.length * step)}`);
}
function drawEntropy() {
  const e = data.iterated?.entropy;
  hide('entropy-panel', !e);
  if (!e) return;
  const height = 250, { width, left, right, top, bottom } = shape, bins = Math.max(6, 1 + Math.max(...e.iterated_bins.map((v, i) => v > .001 || e.other_bins[i] > .001 ? i : 0)));
  const root = Math.sqrt, most = root(Math.max(...e.iterated_bins, ...e.other_bins)), x = scale(0, bins * e.bin_width, left, width - right), y = scale(0, most, height - bottom, top), wide = (x(e.bin_width) - x(0)) / 2 - .5;
  const bars = (list, color, shift) => list.slice(0, bins).map((v, i) => `<rect data-i="${i}" x="${(x(i * e.bin_width) + shift).toFixed(1)}" width="${wide.toFixed(1)}" y="${y(root(v)).toFixed(1)}" height="${(height - bottom - y(root(v))).toFixed(1)}" fill="${color}"/>`).join('');
  $('entropy').innerHTML = axes(height, niceTicks(0, bins * e.bin_width, 8), [.01, .05, .2, .5, 1].filter(v => root(v) <= most), x, v => y(root(v)), v => v, v => 100 * v + ' %', 'nats')
    + bars(e.other_bins, palette[10], 0) + bars(e.iterated_bins, 'var(--deep)', wide + .5);
  const nats = v => v === undefined ? 'none' : v.toFixed(3) + ' nats';
  legend('entropy-legend', [[`take one pass: ${nats(e.others)} on average`, palette[10]], [`iterate: ${nats(e.iterated)}, behind the last pass ${nats(e.iterated_after)}`, 'var(--deep)']]);
  onDots('entropy', i => `<b>${(i * e.bin_width).toFixed(1)} to ${((i + 1) * e.bin_width).toFixed(1)} nats</b>` + facts([['of those that iterate', percent(e.iterated_bins[i])], ['of the others', percent(e.other_bins[i])]]));
}

// ---- text
function drawTexts() {
  hide('texts-panel', !data.texts.length);
  if (!data.texts.length) return;
  const draws = data.texts.map(text => {
    const holder = document.createElement('div');
    holder.className = 'passage';
    holder.innerHTML = `<h3>row ${text.row} · ${count(text.tokens.length)} tokens, ${count(text.tokens.filter(t => t.iterations > 1).length)} iterate</h3>`;
    $('texts').append(holder);
    text.tokens.forEach(t => { t.prompt = t.first === undefined; });
    return heatMap(holder, text.tokens, 'passes');
  });
  heatControls($('heat-nav'), $('heat-note'), knownModes(data.texts.flatMap(t => t.tokens)), mode => draws.forEach(draw => draw(mode)));
}
$('tokens-nav').addEventListener('click', e => { if (e.target.dataset.k) drawTokens(e.target.dataset.k); });
hide('tokens-panel', !data.iterated?.by_token.length && !data.iterated?.by_next_token.length);
drawHead();
drawTables();
drawTokens(data.iterated?.by_token.length ? 'by_token' : 'by_next_token');
drawChanges();
drawTexts();
startTheme(() => { drawSweep(); drawFlips(); drawEntropy(); });
