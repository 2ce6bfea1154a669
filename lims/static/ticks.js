// Rows ticked: all at once, and how many. Without it each row is ticked by itself.
(function () {
  "use strict";
  document.querySelectorAll("[data-ticks]").forEach(function (form) {
    var all = form.querySelector("[data-tick-all]"), said = form.querySelector("[data-ticked]");
    var boxes = Array.prototype.slice.call(form.querySelectorAll("td.tick input[type=checkbox]"));
    function count() {
      var ticked = boxes.filter(function (box) { return box.checked; }).length;
      if (said) { said.textContent = ticked; }
      if (all) { all.checked = ticked > 0 && ticked === boxes.length; all.indeterminate = ticked > 0 && ticked < boxes.length; }
    }
    form.addEventListener("change", function (event) {
      if (event.target === all) { boxes.forEach(function (box) { box.checked = all.checked; }); }
      count();
    });
    window.addEventListener("pageshow", count);
    count();
  });
})();
