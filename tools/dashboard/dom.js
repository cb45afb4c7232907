/* Making and changing elements. Text is always text: nothing that comes off the line can become markup. */
"use strict";

(function (pw) {
  function h(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name in node && !name.includes("-") && name !== "list" && name !== "form") node[name] = value;
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  }

  /** Change a text only if it differs: a screen reader and a selection keep their place. */
  function say(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  const byId = (id) => document.getElementById(id);

  function table(caption, heads, rows) {
    return h(
      "div",
      { className: "scroll", tabIndex: 0, role: "region", "aria-label": caption },
      h(
        "table",
        {},
        h("caption", {}, caption),
        h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))),
      ),
    );
  }

  /** Names and values, one a line. */
  function pairs(object) {
    return h(
      "dl",
      { className: "pairs" },
      Object.entries(object).flatMap(([name, value]) => {
        const said = pw.format.named(name, value);
        return [h("dt", {}, said.name), h("dd", {}, said.text)];
      }),
    );
  }

  /** Runs an act that a button asks for: one at a time, its outcome in words beside it. */
  function act(button, outcome, doIt) {
    return async (event) => {
      if (event) event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      outcome.className = "outcome";
      say(outcome, "…");
      try {
        say(outcome, (await doIt()) || "");
        outcome.classList.add("good");
      } catch (error) {
        say(outcome, error.message);
        outcome.classList.add("bad");
      } finally {
        button.disabled = false;
      }
    };
  }

  Object.assign(pw, { h, say, byId, table, pairs, act });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
