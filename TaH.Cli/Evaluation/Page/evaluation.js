// The page of tah eval: draws the JSON that stands in it. No network, no library.
const state = { task: '', filter: 'all', search: '', shown: 50, one: null };
const filters = { all: () => true, right: s => s.official, wrong: s => !s.official, 'verdicts differ': s => s.official !== s.fair, 'cut off': s => s.finish_reason === 'length' };
const count = v => v.toLocaleString('en'), mean = list => list.reduce((a, b) => a + b, 0) / (list.length || 1), fine = v => (100 * v).toFixed(1) + ' %';
const passesOf = s => s.iterations.length ? mean(s.iterations) : 0, verdict = (right, text) => `<span class="${right ? 'yes' : 'no'}">${right ? '✓' : '✗'}</span>${text ? ' ' + escape(text) : ''}`;
const cutTo = (text, n) => text.length > n ? text.slice(0, n) + '…' : text;

// ---- scores
function drawScores() {
  const ks = [...new Set(data.scores.flatMap(s => Object.keys(s.official.pass_at_k)))].map(Number).filter(k => k > 1);
  const score = v => fine(v.average) + (v.standard_error == null ? '' : ` <small>± ${(100 * v.standard_error).toFixed(1)}</small>`);
  $('scores').innerHTML = `<thead><tr><th class="text">task</th><th>problems</th><th>samples</th><th>official</th><th>fair</th>${ks.map(k => `<th>pass@${k}</th>`).join('')}<th>tokens</th><th>passes</th><th>cut off</th></tr></thead><tbody>`
    + data.scores.map(s => `<tr><td class="text">${escape(s.task)}</td><td>${count(s.problems)}</td><td>${count(s.samples)}</td><td>${score(s.official)}</td><td>${score(s.fair)}</td>`
      + ks.map(k => `<td>${s.official.pass_at_k[k] === undefined ? '' : fine(s.official.pass_at_k[k])}</td>`).join('')
      + `<td>${count(Math.round(s.average_tokens))}</td><td>${s.average_iterations.toFixed(3)}</td><td>${fine(s.cut_share)}</td></tr>`).join('') + '</tbody>';
}
function drawBars() {
  const left = 130, right = 560, step = 46, w = v => (right - left) * v, height = 30 + step * data.scores.length;
  $('bars').setAttribute('viewBox', `0 0 620 ${height}`);
  $('bars').innerHTML = [0, .25, .5, .75, 1].map(v => `<line class="grid" x1="${left + w(v)}" x2="${left + w(v)}" y1="6" y2="${height - 22}"/><text class="axis" text-anchor="middle" x="${left + w(v)}" y="${height - 6}">${100 * v} %</text>`).join('')
    + data.scores.map((s, i) => `<text class="name" text-anchor="end" x="${left - 10}" y="${27 + i * step}">${escape(s.task)}</text>` + [['official', palette[0]], ['fair', palette[2]]].map(([kind, color], j) => {
      const v = s[kind], y = 9 + i * step + j * 16, e = v.standard_error ?? 0;
      return `<rect x="${left}" y="${y}" width="${w(v.average)}" height="13" rx="3" fill="${color}"/><line class="whisker" x1="${left + w(Math.max(0, v.average - e))}" x2="${left + w(Math.min(1, v.average + e))}" y1="${y + 6.5}" y2="${y + 6.5}"/>`;
    }).join('')).join('');
  $('bars-legend').innerHTML = [['official', palette[0]], ['fair', palette[2]]].map(([n, c]) => `<span><span class="swatch" style="background:${c}"></span>${n}</span>`).join('') + '<em>line: one standard error</em>';
}
function drawDots() {
  const list = data.samples, height = 280, left = 56, right = 604, top = 12, bottom = 40, most = Math.max(10, ...list.map(s => s.iterations.length)), high = Math.max(1.05, ...list.map(passesOf)) * 1.01;
  const x = v => left + v / most * (right - left), y = v => height - bottom - (v - 1) / (high - 1) * (height - bottom - top);
  const ticks = [0, .25, .5, .75, 1];
  $('dots').innerHTML = ticks.map(t => { const v = 1 + t * (high - 1); return `<line class="grid" x1="${left}" x2="${right}" y1="${y(v)}" y2="${y(v)}"/><text class="axis" text-anchor="end" x="${left - 8}" y="${y(v) + 4}">${v.toFixed(2)}</text>`; }).join('')
    + ticks.map(t => `<text class="axis" text-anchor="middle" x="${x(t * most)}" y="${height - bottom + 17}">${count(Math.round(t * most))}</text>`).join('')
    + `<text class="axis" text-anchor="middle" x="${(left + right) / 2}" y="${height - 4}">tokens of the answer; upwards: passes a token</text>`
    + list.map((s, i) => s.iterations.length ? `<circle data-i="${i}" cx="${x(s.iterations.length).toFixed(1)}" cy="${y(passesOf(s)).toFixed(1)}" r="3.6" fill="${s.official ? 'var(--good)' : 'var(--poor)'}"/>` : '').join('');
  $('dots-legend').innerHTML = '<span><span class="swatch" style="background:var(--good)"></span>right</span><span><span class="swatch" style="background:var(--poor)"></span>wrong</span>';
  $('dots').onmousemove = e => { const dot = e.target.closest('[data-i]'); if (!dot) return untip(); const s = data.samples[dot.dataset.i]; tip(e, `<b>${escape(s.id)}</b>` + facts([['tokens', count(s.iterations.length)], ['passes', passesOf(s).toFixed(3)], ['verdict', s.official ? 'right' : 'wrong']])); };
  $('dots').onmouseleave = untip;
  $('dots').onclick = e => { const dot = e.target.closest('[data-i]'); if (dot) open(+dot.dataset.i); };
}

// ---- samples
const chosen = () => data.samples.map((s, i) => [s, i]).filter(([s]) => (!state.task || s.task === state.task) && filters[state.filter](s) && (!state.search || (s.id + s.prompt + s.answer).toLowerCase().includes(state.search)));
function drawSamples() {
  const list = chosen(), many = data.scores.length > 1;
  $('filter').innerHTML = Object.keys(filters).map(f => `<button role="tab" data-f="${f}" aria-selected="${f === state.filter}">${f}</button>`).join('');
  $('shown').textContent = list.length === data.samples.length ? `${count(list.length)}; click one to read it` : `${count(list.length)} of ${count(data.samples.length)}`;
  $('samples').innerHTML = `<thead><tr>${many ? '<th class="text">task</th>' : ''}<th class="text">problem</th><th class="text">official</th><th class="text">fair</th><th class="text">gold</th><th>tokens</th><th>passes</th><th class="text">ended by</th><th>seconds</th></tr></thead><tbody>`
    + list.slice(0, state.shown).map(([s, i]) => `<tr data-i="${i}" class="${i === state.one ? 'on' : ''}">${many ? `<td class="text">${escape(s.task)}</td>` : ''}<td class="text">${escape(s.id)}${s.sample ? ` <small>#${s.sample + 1}</small>` : ''}</td>`
      + `<td class="text cut">${verdict(s.official, cutTo(s.extracted ?? '', 40))}</td><td class="text cut">${verdict(s.fair, cutTo(s.fair_extracted ?? '', 40))}</td><td class="text cut">${escape(cutTo(s.gold, 40))}</td>`
      + `<td>${count(s.iterations.length)}</td><td>${passesOf(s).toFixed(3)}</td><td class="text">${escape(s.finish_reason)}</td><td>${s.seconds.toFixed(1)}</td></tr>`).join('') + '</tbody>';
  $('more').innerHTML = list.length > state.shown ? `<button>show ${count(Math.min(200, list.length - state.shown))} more</button>` : '';
}
function open(i, scrolls = true) {
  const s = data.samples[i];
  state.one = i;
  drawSamples();
  $('one').hidden = false;
  $('one-title').innerHTML = `${escape(s.id)} <small>${escape(s.task)}${s.sample ? `, answer ${s.sample + 1}` : ''}, seed ${s.seed}</small>`;
  $('one-facts').innerHTML = `<span>official ${verdict(s.official, s.extracted)}</span><span>fair ${verdict(s.fair, s.fair_extracted)}</span><span>gold: ${escape(s.gold)}</span>`
    + `<em>${count(s.iterations.length)} tokens, ${passesOf(s).toFixed(3)} passes a token, ended by ${escape(s.finish_reason)}</em>`;
  $('one-prompt').textContent = s.prompt;
  $('one-answer').innerHTML = $('heat-nav').innerHTML = $('heat-note').textContent = '';
  if (s.token_texts) {
    const tokens = s.token_texts.map((text, t) => ({ text, iterations: s.iterations[t], probability: s.continue_probabilities?.[t] ?? undefined }));
    const draw = heatMap($('one-answer'), tokens, 'passes');
    heatControls($('heat-nav'), $('heat-note'), knownModes(tokens), draw);
  } else {
    $('heat-note').textContent = 'a run with --keep-tokens shows passes and probabilities here';
    const text = document.createElement('p');
    text.className = 'heat';
    text.textContent = s.answer;
    $('one-answer').append(text);
  }
  if (scrolls) $('one').scrollIntoView({ behavior: 'smooth', block: 'nearest' });
}
const redraw = change => { Object.assign(state, change, { shown: 50 }); drawSamples(); };
$('filter').addEventListener('click', e => { if (e.target.dataset.f) redraw({ filter: e.target.dataset.f }); });
$('task').addEventListener('change', e => redraw({ task: e.target.value }));
$('search').addEventListener('input', e => redraw({ search: e.target.value.toLowerCase() }));
$('more').addEventListener('click', e => { if (e.target.tagName === 'BUTTON') { state.shown += 200; drawSamples(); } });
$('samples').addEventListener('click', e => { const row = e.target.closest('[data-i]'); if (row) open(+row.dataset.i); });

// ---- settings
function flat(value, name = '') {
  if (value === null || typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, v]) => flat(v, name ? `${name}.${key}` : key));
}
$('model').textContent = data.model;
$('about').textContent = `${count(data.samples.length)} answers to ${count(data.scores.reduce((sum, s) => sum + s.problems, 0))} problems`;
$('settings').innerHTML = '<tbody>' + flat(data.settings).map(([name, value]) => `<tr><td class="text dim">${escape(name)}</td><td class="text">${escape(cutTo(value, 300))}</td></tr>`).join('') + '</tbody>';
$('task').innerHTML = '<option value="">all tasks</option>' + data.scores.map(s => `<option>${escape(s.task)}</option>`).join('');
$('task').hidden = data.scores.length < 2;
drawScores();
drawSamples();
startTheme(() => { drawBars(); drawDots(); });
if (data.samples.length) open(0, false);
