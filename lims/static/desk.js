// The reading desk: numbers by few keys, choices without leaving the number, what is left by the reader's own key.
// Works without.
(function () {
  "use strict";
  var form = document.querySelector("[data-desk]"), signing = false;
  if (!form) { return; }

  var list = function (found) { return Array.prototype.slice.call(found); };
  var numbers = function (group) { return list(group.querySelectorAll(".part input")); };
  var value = function (input) { return Number(input.value.trim().replace(",", ".")) || 0; };
  var total = function (inputs) { return inputs.reduce(function (sum, input) { return sum + value(input); }, 0); };
  var told = function (input) { input.dispatchEvent(new Event("input", { bubbles: true })); };
  function put(input, text) { input.value = text; told(input); }
  function singleKeys() {
    try { return window.localStorage.getItem("single-keys") !== "off"; } catch (error) { return true; }
  }

  // Where Enter stops: every field, and each row of choices once, at its choice or its first.
  function stops() {
    var seen = {};
    return list(form.querySelectorAll("[data-next-field], .choices input[type=radio], textarea")).filter(function (field) {
      if (field.offsetParent === null || field.closest("details:not([open])")) { return false; }
      if (field.type !== "radio") { return true; }
      if (seen[field.name]) { return false; }
      return (seen[field.name] = field.checked || !form.querySelector('[name="' + field.name + '"]:checked'));
    });
  }
  function goOn(from) {
    var after = stops().filter(function (stop) {
      return from.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING && !(stop.type === "radio" && stop.name === from.name);
    });
    var next = after[0] || form.querySelector("#f-password");
    next.focus();
    if (next.select) { next.select(); }
  }

  // Only where the typed parts reach 100: then the rest can be nothing but 0, and the reader says so.
  function fill() {
    var some = false;
    form.querySelectorAll("[data-parts]").forEach(function (group) {
      var inputs = numbers(group), blank = inputs.filter(function (input) { return input.value.trim() === ""; });
      if (!blank.length || Math.abs(total(inputs) - 100) > 1e-9) { return; }
      blank.forEach(function (input) { input.value = "0"; });
      told(blank[0]);
      some = true;
    });
    return some;
  }

  // What the other parts leave goes to this one; a part still blank is then 0, by the reader's own key.
  function rest(input) {
    var group = input && input.closest("[data-parts]");
    if (!group) { return; }
    var others = numbers(group).filter(function (other) { return other !== input; });
    var left = Math.round((100 - total(others)) * 100) / 100;
    if (left < 0) { return; }
    put(input, String(left));
    fill();
    goOn(numbers(group).pop());
  }

  var lastPart = null;
  form.addEventListener("focusin", function (event) {
    if (event.target.matches(".part input")) { lastPart = event.target; }
    if (event.target.matches("[inputmode=decimal]")) { event.target.select(); } // what stands there is typed over
  });
  list(form.querySelectorAll("[data-rest]")).forEach(function (button) { button.hidden = false; });
  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-rest]"), group = event.target.closest("[data-parts]");
    if (button) {
      rest(lastPart && lastPart.closest("[data-parts]") === group ? lastPart : numbers(group).find(function (input) { return input.value.trim() === ""; }));
      return;
    }
    if (!event.target.closest("[data-zero]")) { return; }
    event.preventDefault();
    var state = group.querySelector(".sum .status");
    if (!fill() && !/complete|left|many/.test(state.textContent)) { state.textContent = "type parts up to 100 first"; }
  });

  function step(input, by) {
    var now = input.value.trim() === "" && by < 0 ? 0 : value(input) + by;
    put(input, String(Math.max(0, Math.min(100, Math.round(now * 100) / 100))));
  }
  // One key chooses; the focus stays where it is.
  function choose(key) {
    var radio = form.querySelector('input[type=radio][data-key="' + key.replace(/["\\]/g, "") + '"]');
    if (radio && !radio.checked) { radio.checked = true; told(radio); radio.dispatchEvent(new Event("change", { bubbles: true })); }
    return Boolean(radio);
  }
  function inNumber(event) {
    var key = event.key, input = event.target;
    if (key === "ArrowUp" || key === "ArrowDown") { step(input, key === "ArrowUp" ? 5 : -5); return true; }
    if (key === "Enter") { goOn(input); return true; }
    if (event.shiftKey && /^Digit[0-9]$/.test(event.code)) {
      put(input, event.code === "Digit0" ? "100" : event.code.slice(5) + "0");
      goOn(input);
      return true;
    }
    if (key === "?") { document.querySelector("body > dialog").showModal(); return true; }
    if (!singleKeys() || !/^[a-z]$/.test(key)) { return false; }
    if (key === "r") { rest(input); return true; }
    if (key === "z") { fill(); return true; }
    return choose(key);
  }
  // A digit chooses in a row of choices: the choice that says it, else the one in that place.
  function inChoices(event) {
    var row = list(form.querySelectorAll('[name="' + event.target.name + '"]')), key = event.key;
    if (key === "Enter") { goOn(event.target); return true; }
    if (singleKeys() && /^[a-z]$/.test(key)) { return choose(key); }
    if (!/^[0-9]$/.test(key) || event.shiftKey) { return false; }
    var radio = row.find(function (each) { return each.value === key; }) || row[Number(key) - 1];
    if (!radio) { return false; }
    radio.focus();
    if (!radio.checked) { radio.click(); }
    goOn(radio);
    return true;
  }
  document.addEventListener("keydown", function (event) {
    var el = event.target, taken = false;
    if (event.ctrlKey || event.metaKey || event.altKey || !form.contains(el)) { return; }
    if (el.matches("[inputmode=decimal]")) { taken = inNumber(event); }
    else if (el.matches("input[type=radio]")) { taken = inChoices(event); }
    else if (el.matches("select") && event.key === "Enter") { goOn(el); taken = true; }
    if (taken) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  // The first Ctrl+Enter leads to the password when there is none yet; the next one signs.
  document.addEventListener("keydown", function (event) {
    var password = form.querySelector("#f-password");
    if (!event.ctrlKey || event.key !== "Enter" || !password || password.value || password === document.activeElement) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    password.focus();
  }, true);

  // A second click while the first is on its way signs nothing twice; coming back to the page starts anew.
  form.addEventListener("submit", function (event) {
    if (signing) { event.preventDefault(); }
    signing = true;
  });
  window.addEventListener("pageshow", function () { signing = false; });

  var refusals = form.querySelector("[data-focus]");
  var password = form.querySelector("#f-password[aria-invalid]");
  if (refusals) { (password || refusals).focus(); }
  else if (form.contains(document.activeElement) && document.activeElement.select) { document.activeElement.select(); }
})();
