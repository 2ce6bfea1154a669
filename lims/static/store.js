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
    enter(sought || map.querySelector("[data-first]") || map.querySelector("[data-cell]"), Boolean(sought));
    map.addEventListener("keydown", walk);
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-all]")) { return; }
    var boxes = document.querySelectorAll('input[type="checkbox"][name]'), all = true;
    boxes.forEach(function (box) { all = all && box.checked; });
    boxes.forEach(function (box) { box.checked = !all; });
  });
})();
