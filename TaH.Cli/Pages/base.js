'use strict';
// What the pages have in common: the JSON that stands in them, numbers for people, tooltips, light and dark.
const data = JSON.parse(document.getElementById('data').textContent);
// Told apart on dark and on light ground, neighbours also by those who see fewer colours.
const palette = ['#4e79f5', '#f28e2b', '#2fb58f', '#e15759', '#a26ed8', '#d4b106', '#17a2c4', '#e377a8', '#7f9b3a', '#9c755f', '#7a869a', '#c45a1c'];
const $ = id => document.getElementById(id);

// ---- numbers for people
const digits = v => v < 10 ? v.toFixed(2) : v < 100 ? v.toFixed(1) : Math.round(v).toLocaleString('en');
const unit = (v, units, step = 1000) => { let i = 0; while (v >= step && i < units.length - 1) { v /= step; i++; } return digits(v) + ' ' + units[i]; };
const rate = (v, of) => unit(v, [of, 'K' + of, 'M' + of, 'G' + of, 'T' + of, 'P' + of]);
const percent = s => (100 * s).toFixed(1) + ' %';
const escape = text => String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));

// ---- tooltips
function tip(event, html) {
  const box = $('tip');
  box.innerHTML = html;
  box.style.opacity = 1;
  const { innerWidth: w, innerHeight: h } = window, r = box.getBoundingClientRect();
  box.style.left = Math.max(8, Math.min(event.clientX + 16, w - r.width - 8)) + 'px';
  box.style.top = (event.clientY + 18 + r.height > h ? event.clientY - r.height - 12 : event.clientY + 18) + 'px';
}
const untip = () => { $('tip').style.opacity = 0; };
const facts = pairs => '<dl>' + pairs.filter(Boolean).map(([k, v]) => `<dt>${k}</dt><dd>${v}</dd>`).join('') + '</dl>';

// ---- light and dark
document.documentElement.dataset.theme = location.hash === '#light' ? 'light' : location.hash === '#dark' || matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
function startTheme(redraw) {
  const root = document.documentElement;
  const show = () => { $('theme').textContent = root.dataset.theme === 'dark' ? '☀' : '☾'; redraw(); };
  $('theme').addEventListener('click', () => { root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark'; show(); });
  show();
}
