// The page of tah generate --report: answers as heat maps. A token's passes are those of the position whose logits chose it.
const count = v => v.toLocaleString('en'), draws = [];
$('model').textContent = data.model.path.replace(/[\/\\]+$/, '').split(/[\/\\]/).pop();
$('about').textContent = [data.device.name, `at most ${data.model.max_iter} passes`, data.model.threshold !== null && `threshold ${+data.model.threshold.toFixed(4)}`].filter(Boolean).join(' · ');
data.answers.forEach((answer, i) => {
  const panel = document.createElement('section');
  panel.className = 'panel';
  const deep = answer.tokens.filter(t => t.iterations > 1).length;
  panel.innerHTML = `<h2>${data.answers.length > 1 ? `Answer ${i + 1}` : 'Answer'} <small>${[`${count(answer.tokens.length)} tokens`, `${count(deep)} with further passes`,
    answer.average_iterations != null && `${answer.average_iterations.toFixed(3)} passes a token`, answer.decode_tokens_per_s && `${digits(answer.decode_tokens_per_s)} tokens/s`,
    answer.finish_reason && `ended by ${answer.finish_reason}`].filter(Boolean).join(' · ')}</small></h2>`;
  $('answers').append(panel);
  answer.prompt.forEach(t => { t.prompt = true; });
  for (const tokens of [answer.prompt, answer.tokens]) {
    if (!tokens.length) continue;
    const holder = document.createElement('div');
    holder.className = 'passage';
    panel.append(holder);
    draws.push(heatMap(holder, tokens, 'passes'));
  }
});
heatControls($('heat-nav'), $('heat-note'), knownModes(data.answers.flatMap(a => a.tokens)), mode => draws.forEach(draw => draw(mode)));
startTheme(() => {});
