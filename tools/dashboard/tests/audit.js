// What keeps somebody from reading or reaching what is on the screen, as a list of sentences.
() => {
  const parts = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const channel = (value) => (value <= 0.03928 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);

  function behind(node) {
    for (let each = node; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  }

  const shown = (node) => node.checkVisibility({ checkVisibilityCSS: true });
  const found = [];

  // WCAG 2.1, 1.4.3: contrast of 4.5 to 1
  for (const node of document.querySelectorAll("body *")) {
    const said = [...node.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.textContent.trim());
    if (!said || !shown(node) || node.closest(":disabled, .unseen, .skip")) continue;
    const style = getComputedStyle(node);
    const levels = [light(parts(node instanceof SVGElement ? style.fill : style.color)), light(behind(node))];
    const ratio = (Math.max(...levels) + 0.05) / (Math.min(...levels) + 0.05);
    if (ratio < 4.5) found.push(`'${node.textContent.trim().slice(0, 40)}' has a contrast of ${ratio.toFixed(2)}`);
  }

  // 4.1.2: a name for everything that can be used
  for (const node of document.querySelectorAll("button, input, select, a[href], [role=tab], [role=img], dialog")) {
    const named = node.textContent.trim() || node.getAttribute("aria-label") || (node.labels && node.labels.length);
    if (shown(node) && !named) found.push(`nameless: ${node.outerHTML.slice(0, 80)}`);
  }

  // 2.5.8: targets of 24 pixels
  for (const node of document.querySelectorAll("button, input:not([type=radio]), select, summary")) {
    if (shown(node) && Math.min(node.offsetWidth, node.offsetHeight) < 24) found.push(`small: ${node.outerHTML.slice(0, 80)}`);
  }

  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  found.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: ${id}`));
  return found;
}
