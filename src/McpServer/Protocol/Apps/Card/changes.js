// Approving other arguments than those asked for: edited as JSON, with what differs shown line by line.

function lines(value) {
  return JSON.stringify(value, null, 2).split("\n");
}

// The longest lines in common stay; the rest is removed or added.
function difference(before, after) {
  const longest = Array.from({ length: before.length + 1 }, () => new Array(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i][j] = before[i] === after[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }

  const rows = [];
  for (let i = 0, j = 0; i < before.length || j < after.length;) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      rows.push({ sign: "same", text: before[i] });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || longest[i + 1][j] >= longest[i][j + 1])) {
      rows.push({ sign: "removed", text: before[i++] });
    } else {
      rows.push({ sign: "added", text: after[j++] });
    }
  }

  return rows;
}

function differenceView(before, after) {
  const tags = { same: "span", removed: "del", added: "ins" };
  return el("ul", { class: "difference" }, difference(lines(before), lines(after)).map(({ sign, text }) =>
    el("li", { class: sign }, sign === "same" ? null : el("span", { class: "unseen" }, sign === "removed" ? "was: " : "now: "), el(tags[sign], {}, text))));
}

function sameValue(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function changesEditor(action) {
  const editor = textField("Arguments", { help: "Edit what should run instead.", required: true, mono: true, rows: Math.min(14, lines(action.arguments).length + 1), parse: parseJson });
  const preview = el("div", { class: "preview" });
  const update = () => {
    const said = parseJson(editor.control.value);
    preview.replaceChildren(said.problem ? el("p", { class: "quiet" }, said.problem)
      : sameValue(said.value, action.arguments) ? el("p", { class: "quiet" }, "Nothing is changed yet.")
        : el("div", {}, el("h3", {}, "What changes"), differenceView(action.arguments, said.value)));
  };
  editor.control.value = JSON.stringify(action.arguments, null, 2);
  editor.control.addEventListener("input", update);
  update();
  return {
    nodes: [editor.node, preview],
    focus: editor.focus,
    read() {
      const said = editor.read();
      return said.problem === undefined && sameValue(said.value, action.arguments) ? { problem: "Nothing is changed. To approve it as it is, go back." } : said;
    },
  };
}
