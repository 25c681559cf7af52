"""What a screen reader says of a panel: ipywidgets names no slider, picture or play button, and has no trait for it."""

# Once the style is in the page, and whenever a readout or the sentence changes.
SPEECH = """<style onload="
const panel = this.closest('.widget-vbox');
const speak = () => {
  for (const handle of panel.querySelectorAll('.noUi-handle')) {
    const [label, , readout] = handle.closest('.widget-slider').children;
    Object.assign(handle, { ariaLabel: label.textContent, ariaValueText: readout.textContent });
  }
  for (const { children: [play, stop] } of panel.querySelectorAll('.widget-play'))
    [play.ariaLabel, stop.ariaLabel] = ['play or pause', 'stop'];
  for (const sentence of panel.querySelectorAll('.vaelib-status .widget-html-content')) {
    sentence.ariaLive = 'polite';
    panel.querySelectorAll('.widget-image').forEach(picture => picture.alt = sentence.textContent);
  }
};
panel.speech ??= new MutationObserver(speak);
panel.speech.observe(panel, { childList: true, subtree: true });
speak();
">/* */</style>"""
