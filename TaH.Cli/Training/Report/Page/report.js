// The page of tah train report: draws the curves of the runs that stand in it. No network, no library.
const charts = [
  { key: 'loss', title: 'Loss', note: 'of the stage that is trained', log: true },
  { key: 'hard_loss', title: 'Loss of hard tokens', note: 'which take further passes', log: true },
  { key: 'decider_loss', title: 'Loss of the decider', note: 'where it is trained beside the rest', log: true },
  { key: 'accuracy', title: 'Right', note: 'share of tokens, or of decisions', form: percent },
  { key: 'hard_accuracy', title: 'Right, of hard tokens', form: percent },
  { key: 'average_iterations', title: 'Passes a token' },
  { key: 'learning_rate', title: 'Learning rate', form: v => v.toExponential(2), exact: true },
  { key: 'gradient_norm', title: 'Gradient norm', note: 'before clipping', log: true },
  { key: 'tokens_per_second', title: 'Tokens a second', form: v => unit(v, ['', 'K', 'M', 'G']) },
  { key: 'flops_per_second', title: 'Operations a second', note: 'that the model asks for', form: v => rate(v, 'FLOP/s') }];
const runs = data.runs.map((run, i) => ({ ...run, color: palette[i % palette.length], on: true }));
const shape = { width: 560, height: 250, left: 62, right: 12, top: 10, bottom: 26 };
const form = (chart, v) => chart.form ? chart.form(v) : Math.abs(v) >= 1e-3 && Math.abs(v) < 1e4 || v === 0 ? String(+v.toPrecision(4)) : v.toExponential(2);
const isNumber = v => typeof v === 'number';

// ---- points
const points = (series, key) => (series[key] || []).map((v, i) => [series.step[i], v]).filter(p => isNumber(p[1]));
function smooth(list, part) {
  let mean = 0, weight = 0;
  return list.map(([x, v]) => { mean = part * mean + (1 - part) * v; weight = part * weight + 1 - part; return [x, mean / weight]; });
}
// Of very many points those that show: the lowest and the highest of every stretch.
function thin(list, most = 1600) {
  if (list.length <= most) return list;
  const size = Math.ceil(2 * list.length / most), kept = [];
  for (let i = 0; i < list.length; i += size) {
    const part = list.slice(i, i + size);
    const low = part.reduce((a, b) => b[1] < a[1] ? b : a), high = part.reduce((a, b) => b[1] > a[1] ? b : a);
    kept.push(...(low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]));
  }
  return kept;
}

// ---- scales
function ticks(from, to, count = 5) {
  const rough = (to - from) / count, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].find(m => m * power >= rough) * power, found = [];
  for (let v = Math.ceil(from / step) * step; v <= to + step * 1e-9; v += step) found.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return found;
}
function logTicks(from, to) {
  const found = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++)
    for (const m of [1, 2, 5]) { const v = m * 10 ** power; if (v >= from * .999 && v <= to * 1.001) found.push(v); }
  return found.length > 1 ? found.length > 8 ? found.filter(v => /^1/.test(v.toExponential())) : found : [from, to];
}
function scaleOf(lists, isLog) {
  const all = lists.flat(), xs = all.map(p => p[0]), ys = all.map(p => p[1]);
  const bounds = list => list.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  let [x0, x1] = bounds(xs), [y0, y1] = bounds(ys);
  if (x0 === x1) { x0 -= 1; x1 += 1; }
  const log = isLog && y0 > 0;
  if (y0 === y1) { y0 = log ? y0 / 2 : y0 - (Math.abs(y0) || 1) / 2; y1 = log ? y1 * 2 : y1 + (Math.abs(y1) || 1) / 2; }
  const { left, right, top, bottom, width, height } = shape, f = log ? Math.log : v => v;
  return {
    x: v => left + (v - x0) / (x1 - x0) * (width - left - right), y: v => height - bottom - (f(v) - f(y0)) / (f(y1) - f(y0)) * (height - top - bottom),
    step: px => x0 + (px - left) / (width - left - right) * (x1 - x0), xTicks: ticks(x0, x1, 6).filter(Number.isInteger), yTicks: log ? logTicks(y0, y1) : ticks(y0, y1),
  };
}

// ---- drawing
function drawChart(chart) {
  const part = chart.exact ? 0 : +$('smoothing').value;
  chart.series = runs.filter(run => run.on).map(run => ({ run, raw: points(run.steps, chart.key), evaluation: points(run.evaluations, chart.key) }));
  const lists = chart.series.flatMap(s => [thin(s.raw), s.evaluation]).filter(list => list.length);
  chart.panel.hidden = !lists.length;
  if (!lists.length) return;
  const scale = chart.scale = scaleOf(lists, chart.isLog);
  const path = (list, kind, color) => list.length < 2 ? list.map(p => dot(p, color)).join('')
    : `<path class="${kind}" stroke="${color}" d="M${list.map(p => scale.x(p[0]).toFixed(1) + ' ' + scale.y(p[1]).toFixed(1)).join('L')}"/>`;
  const dot = (p, color) => `<circle cx="${scale.x(p[0]).toFixed(1)}" cy="${scale.y(p[1]).toFixed(1)}" r="3.2" fill="${color}"/>`;
  const { left, right, width, height, bottom } = shape;
  chart.svg.innerHTML = scale.yTicks.map(v => `<line class="grid" x1="${left}" x2="${width - right}" y1="${scale.y(v)}" y2="${scale.y(v)}"/>`
    + `<text class="axis" text-anchor="end" x="${left - 8}" y="${scale.y(v) + 4}">${form(chart, v)}</text>`).join('')
    + scale.xTicks.map(v => `<text class="axis" text-anchor="middle" x="${scale.x(v)}" y="${height - bottom + 18}">${v.toLocaleString('en')}</text>`).join('')
    + chart.series.map(s => (part > 0 ? path(thin(s.raw), 'raw', s.run.color) : '') + path(thin(smooth(s.raw, part)), 'mean', s.run.color)
      + path(s.evaluation, 'evaluation', s.run.color) + s.evaluation.map(p => dot(p, s.run.color)).join('')).join('')
    + `<line class="cursor" y1="${shape.top}" y2="${height - bottom}" visibility="hidden"/>`;
}
function nearest(list, step) {
  let low = 0, high = list.length - 1;
  while (low < high) { const middle = (low + high) >> 1; if (list[middle][0] < step) low = middle + 1; else high = middle; }
  return low > 0 && step - list[low - 1][0] < list[low][0] - step ? list[low - 1] : list[low];
}
function hover(chart, event) {
  const box = chart.svg.getBoundingClientRect(), step = chart.scale.step((event.clientX - box.left) * shape.width / box.width), rows = [];
  let at;
  for (const s of chart.series) {
    const name = `<span class="swatch" style="background:${s.run.color}"></span> ${escape(s.run.name)}`;
    if (s.raw.length) { const p = nearest(s.raw, step); at ??= p[0]; rows.push([name, `${form(chart, p[1])} <span class="dim">step ${p[0].toLocaleString('en')}</span>`]); }
    if (s.evaluation.length) { const p = nearest(s.evaluation, step); rows.push([name + ', evaluation', `${form(chart, p[1])} <span class="dim">step ${p[0].toLocaleString('en')}</span>`]); }
  }
  const cursor = chart.svg.querySelector('.cursor');
  if (at !== undefined) { cursor.setAttribute('x1', chart.scale.x(at)); cursor.setAttribute('x2', chart.scale.x(at)); cursor.setAttribute('visibility', 'visible'); }
  tip(event, `<b>${chart.title}</b>` + facts(rows));
}
function makeCharts() {
  for (const chart of charts) {
    chart.panel = document.createElement('section');
    chart.panel.className = 'panel';
    chart.panel.innerHTML = `<h2>${chart.title} <small>${chart.note || ''}</small>${chart.log ? '<button aria-pressed="false">log</button>' : ''}</h2>`
      + `<svg viewBox="0 0 ${shape.width} ${shape.height}" role="img" aria-label="${chart.title}"></svg>`;
    chart.svg = chart.panel.querySelector('svg');
    chart.svg.addEventListener('mousemove', e => hover(chart, e));
    chart.svg.addEventListener('mouseleave', () => { untip(); chart.svg.querySelector('.cursor')?.setAttribute('visibility', 'hidden'); });
    chart.panel.querySelector('button')?.addEventListener('click', e => { chart.isLog = !chart.isLog; e.target.setAttribute('aria-pressed', chart.isLog); drawChart(chart); });
    $('charts').append(chart.panel);
  }
}
const drawCharts = () => charts.forEach(drawChart);

// ---- tables
function table(id, names, rows) {
  const head = runs.length > 1 ? `<thead><tr><th></th>${names.map(n => `<th>${escape(n)}</th>`).join('')}</tr></thead>` : '';
  $(id).innerHTML = head + '<tbody>' + rows.map(([name, values]) => {
    const differs = values.some(v => v !== values[0]);
    return `<tr class="${differs && id === 'settings' ? 'differs' : ''}"><td class="text dim">${escape(name)}</td>${values.map(v => `<td>${escape(v ?? '')}</td>`).join('')}</tr>`;
  }).join('') + '</tbody>';
}
function union(part) {
  const names = [...new Set(runs.flatMap(run => run[part].map(([name]) => name)))];
  return names.map(name => [name, runs.map(run => (run[part].find(([n]) => n === name) || [])[1])]);
}
$('title').textContent = runs.length === 1 ? runs[0].name : `${runs.length} runs`;
$('runs').innerHTML = runs.map((run, i) => `<span data-i="${i}"><span class="swatch" style="background:${run.color}"></span>${escape(run.name)}</span>`).join('')
  + '<em>solid: training, dashed: evaluation</em>';
$('runs').addEventListener('click', e => {
  const label = e.target.closest('[data-i]');
  if (!label || runs.length === 1) return;
  runs[label.dataset.i].on = !runs[label.dataset.i].on;
  label.classList.toggle('off', !runs[label.dataset.i].on);
  drawCharts();
});
$('smoothing').addEventListener('input', drawCharts);
$('settings-note').textContent = runs.length > 1 ? 'bold: where the runs differ' : '';
table('results', runs.map(run => run.name), union('results'));
table('settings', runs.map(run => run.name), union('settings'));
makeCharts();
startTheme(drawCharts);
