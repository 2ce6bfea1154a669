// The reading desk: blanks filled with 0 by the reader's own key, and nothing typed lost by leaving. Works without.
(function () {
  "use strict";
  var form = document.querySelector("[data-desk]"), dirty = false, signing = false;
  if (!form) { return; }

  var numbers = function (group) { return Array.prototype.slice.call(group.querySelectorAll(".part input")); };
  var total = function (inputs) {
    return inputs.reduce(function (sum, input) { return sum + (Number(input.value.trim()) || 0); }, 0);
  };

  // Only where the typed parts reach 100: then the rest can be nothing but 0, and the reader says so.
  function fill() {
    var some = false;
    form.querySelectorAll("[data-parts]").forEach(function (group) {
      var inputs = numbers(group), blank = inputs.filter(function (input) { return input.value.trim() === ""; });
      if (!blank.length || Math.abs(total(inputs) - 100) > 1e-9) { return; }
      blank.forEach(function (input) { input.value = "0"; });
      blank[0].dispatchEvent(new Event("input", { bubbles: true }));
      some = true;
    });
    return some;
  }

  form.addEventListener("click", function (event) {
    if (!event.target.closest("[data-zero]")) { return; }
    event.preventDefault();
    var state = event.target.closest("[data-parts]").querySelector(".sum .status");
    if (!fill() && !/complete|left|many/.test(state.textContent)) { state.textContent = "type parts up to 100 first"; }
  });

  // The first Ctrl+Enter leads to the password when there is none yet; the next one signs.
  document.addEventListener("keydown", function (event) {
    var password = form.querySelector("#f-password");
    if (!event.ctrlKey || event.key !== "Enter" || !password || password.value || password === document.activeElement) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    password.focus();
  }, true);

  form.addEventListener("input", function () { dirty = true; });
  // A second click while the first is on its way signs nothing twice; coming back to the page starts anew.
  form.addEventListener("submit", function (event) {
    if (signing) { event.preventDefault(); }
    signing = true;
  });
  window.addEventListener("pageshow", function () { signing = false; });
  window.addEventListener("beforeunload", function (event) { if (dirty && !signing) { event.preventDefault(); } });

  var refusals = form.querySelector("[data-focus]");
  var password = form.querySelector("#f-password[aria-invalid]");
  if (refusals) { (password || refusals).focus(); dirty = true; }
})();
