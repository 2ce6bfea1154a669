// The store: arrow keys walk over a drawer's map, and a list is chosen whole. Every page works without this file.
(function () {
  "use strict";
  var map = document.querySelector("[data-map]");
  var steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  var rows = map ? Array.prototype.map.call(map.rows, function (row) {
    return Array.prototype.slice.call(row.querySelectorAll("[data-cell]"));
  }) : [];

  // One cell is in the order of Tab; the arrows lead to the others.
  function enter(cell, focus) {
    map.querySelectorAll("[data-cell]").forEach(function (each) { each.tabIndex = -1; });
    cell.tabIndex = 0;
    if (focus) { cell.focus(); cell.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }

  function placeOf(cell) {
    for (var row = 0; row < rows.length; row += 1) {
      var column = rows[row].indexOf(cell);
      if (column >= 0) { return [row, column]; }
    }
    return [0, 0];
  }

  function walk(event) {
    var cell = event.target.closest("[data-cell]"), step = steps[event.key];
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var at = placeOf(cell), line = rows[at[0]], next = null;
    if (step) { next = (rows[at[0] + step[0]] || [])[at[1] + step[1]]; }
    if (event.key === "Home") { next = line[0]; }
    if (event.key === "End") { next = line[line.length - 1]; }
    if (step || next) { event.preventDefault(); }
    if (next) { enter(next, true); }
  }

  if (map && map.querySelector("[data-cell]")) {
    var sought = window.location.hash && document.querySelector(window.location.hash + " [data-cell]");
    enter(sought || map.querySelector("[data-first]") || map.querySelector("[data-cell]"), false);
    // The browser goes to the address's anchor when the page is whole, and takes the focus along.
    if (sought) { window.addEventListener("load", function () { setTimeout(function () { sought.focus(); }, 0); }); }
    map.addEventListener("keydown", walk);
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-all]")) { return; }
    var boxes = document.querySelectorAll('input[type="checkbox"][name]'), all = true;
    boxes.forEach(function (box) { all = all && box.checked; });
    boxes.forEach(function (box) { box.checked = !all; });
  });

  // The desk: nobody waits for an answer. Each scan leaves the box at once and stands in line; letters typed
  // meanwhile stay in the box, and what is refused while others wait stays said until the page is left.
  var form = document.querySelector("form[data-line]");
  if (!form) { return; }
  var box = form.querySelector("[data-scan]"), sent = document.createElement("input");
  var line = [], busy = false, ours = false;
  sent.type = "hidden";
  sent.name = box.name;
  box.removeAttribute("name");
  form.appendChild(sent);

  function send() {
    if (busy || !line.length) { return; }
    busy = true;
    sent.value = line.shift();
    ours = true;
    form.requestSubmit();
    ours = false;
  }

  function say(sentence) {
    var above = document.querySelector("[data-not-done]");
    above.hidden = false;
    above.appendChild(document.createElement("p")).textContent = sentence;
  }

  document.addEventListener("submit", function (event) {
    if (event.target !== form || ours) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (box.value.trim() || !line.length) { line.push(box.value.trim()); }
    box.value = "";
    box.focus();
    setTimeout(send, 0); // a form that is submitting takes no second submission
  }, true);

  document.addEventListener("htmx:afterSettle", function (event) {
    if (!busy || event.target.id !== "desk") { return; }
    busy = false;
    var refused = document.getElementById("scan-said").textContent.trim();
    form.querySelector(".field").classList.toggle("has-error", Boolean(refused));
    box.setAttribute("aria-invalid", String(Boolean(refused)));
    if (refused && (line.length || box.value)) { say(refused); }
    if (refused && !line.length && !box.value) { box.value = sent.value; box.select(); }
    send();
  });

  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach(function (kind) {
    document.addEventListener(kind, function () {
      if (!busy) { return; }
      busy = false;
      line.unshift(sent.value);
      say("The answer did not come: " + line.join(", ") + (line.length === 1 ? " waits" : " wait") + ". Press Enter to send again.");
    });
  });
})();
