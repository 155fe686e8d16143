"""How far each text of a page stands out from what is behind it, as a browser draws it."""

CONTRASTS = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const linear = level => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * linear(colour[i] / 255), 0);
  const behind = (at, colour = parse(getComputedStyle(at).backgroundColor)) =>
    colour.length < 4 || colour[3] > 0 ? colour : behind(at.parentElement);
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement, empty = !walker.currentNode.data.trim();
    if (empty || !at.checkVisibility() || at.closest('script, noscript, .hidden, option')) continue;
    const style = getComputedStyle(at), ink = light(parse(at instanceof SVGElement ? style.fill : style.color));
    const [low, high] = [ink, light(behind(at))].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), at.outerHTML.slice(0, 80)]);
  }
  return found;
}"""
"""Pairs of a ratio, which WCAG 2.1 wants to be at least 4.5, and the element that holds the text."""
