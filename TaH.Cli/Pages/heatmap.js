// Text as a heat map: a token's ground shows what was asked for, a thick line under it further passes. Pages say what they know of a token.
const heatModes = {
  probability: { name: 'probability', note: 'of a second pass, by the decider', of: t => t.probability },
  passes: { name: 'passes', note: 'thick line: more than one', of: t => t.iterations > 1 ? Math.min(1, (t.iterations - 1) / 2 + .25) : 0 },
  entropy: { name: 'entropy', note: 'of what the first pass predicts, white at 0, full at 3 nats', of: t => t.entropy === undefined ? undefined : Math.min(1, t.entropy / 3) },
  right: { name: 'right', note: 'green: put right by further passes, red: wrong, deep red: broken by them', of: t => t.is_right === undefined ? undefined : t.is_right ? 0 : 1 } };
const isFixed = t => t.is_right === true && t.first !== t.last, isBroken = t => t.is_right === false && t.next !== undefined && t.first === t.next && t.last !== t.next;
const seen = text => escape(text).replace(/ /g, '·').replace(/\n/g, '⏎');
function heatGround(t, mode) {
  const value = heatModes[mode].of(t);
  if (value === undefined || value === null) return '';
  const hue = mode === 'right' ? (isFixed(t) ? 'var(--good)' : 'var(--poor)') : 'var(--accent)', full = mode === 'right' && isFixed(t) ? .55 : mode === 'right' && isBroken(t) ? .85 : mode === 'right' ? .4 * value : .5 * value;
  return full < .01 ? '' : `background:color-mix(in srgb, ${hue} ${(100 * full).toFixed(0)}%, transparent)`;
}
function heatHtml(tokens, mode) {
  return tokens.map((t, i) => {
    const kind = [t.iterations > 1 ? 'deep' : t.first !== undefined ? 'asked' : '', t.prompt ? 'prompt' : ''].join(' ').trim();
    return `<span data-t="${i}" class="${kind}" style="${heatGround(t, mode)}">${escape(t.text).replace(/\n/g, '<i class="end">⏎</i>\n')}</span>`;
  }).join('');
}
function heatTip(t) {
  return `<b>${seen(t.text)}</b>` + facts([
    ['passes', t.iterations], t.probability != null && ['probability of another', percent(t.probability)], t.entropy !== undefined && ['entropy', digits(t.entropy) + ' nats'],
    t.first !== undefined && ['first pass says', seen(t.first)], t.last !== undefined && t.iterations > 1 && ['last pass says', seen(t.last)],
    t.next !== undefined && t.first !== undefined && ['what follows', seen(t.next)], t.is_hard !== undefined && ['labels', t.is_hard ? 'hard' : 'easy'],
    isFixed(t) && ['', 'put right'], isBroken(t) && ['', 'broken']]);
}
// Draws into an element; the modes that nobody of the tokens knows anything about are not offered.
function heatMap(holder, tokens, mode) {
  tokens.forEach((t, i) => { if (t.next === undefined && i + 1 < tokens.length) t.next = tokens[i + 1].text; });
  const text = document.createElement('p');
  text.className = 'heat';
  holder.append(text);
  const draw = m => { text.innerHTML = heatHtml(tokens, m); };
  text.addEventListener('mousemove', e => { const span = e.target.closest('[data-t]'); if (span) tip(e, heatTip(tokens[span.dataset.t])); else untip(); });
  text.addEventListener('click', e => { const span = e.target.closest('[data-t]'); if (span) tip(e, heatTip(tokens[span.dataset.t])); });
  text.addEventListener('mouseleave', untip);
  draw(mode);
  return draw;
}
const knownModes = tokens => Object.keys(heatModes).filter(m => tokens.some(t => heatModes[m].of(t) != null) && (m !== 'right' || tokens.some(t => t.is_right !== undefined)));
function heatControls(nav, note, modes, choose) {
  let mode = modes[0];
  nav.innerHTML = modes.map(m => `<button role="tab" data-m="${m}">${heatModes[m].name}</button>`).join('');
  const show = () => {
    nav.querySelectorAll('button').forEach(b => b.setAttribute('aria-selected', b.dataset.m === mode));
    note.textContent = heatModes[mode].note;
    choose(mode);
  };
  nav.addEventListener('click', e => { if (e.target.dataset.m) { mode = e.target.dataset.m; show(); } });
  show();
}
