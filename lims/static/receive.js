// The receiving desk: nobody waits for an answer. Each scan leaves the box at once and stands in line; what was
// refused stays said above when the next scan comes, until the page is left. Without this file every scan waits for its answer.
(function () {
  "use strict";
  var desk = document.getElementById("desk"), above = document.querySelector("[data-not-done]");
  if (!desk || !above || !window.htmx) { return; }
  var line = [], sent = "", busy = false, ours = false, typed = false;
  var box = function () { return desk.querySelector("[data-refocus]"); };

  // The scan goes out through the form as it stands now: it carries what the scan before left waiting.
  function send() {
    if (busy || !line.length) { return; }
    var now = box(), begun = now.value;
    busy = ours = true;
    sent = line.shift();
    now.value = sent;
    now.form.requestSubmit();
    now.value = begun;
    if (begun) { now.dispatchEvent(new Event("input", { bubbles: true })); }
    ours = false;
  }

  function say(sentence) {
    above.hidden = false;
    above.appendChild(document.createElement("p")).textContent = sentence;
  }

  document.addEventListener("input", function () { typed = true; });
  document.addEventListener("htmx:beforeSwap", function () { typed = false; });

  // The next answer replaces the fault beside the box: it is kept first.
  function keep_fault() {
    var fault = document.getElementById("item-error");
    if (!fault) { return false; }
    say(fault.textContent.trim());
    fault.remove();
    return true;
  }

  document.addEventListener("submit", function (event) {
    if (ours || !desk.contains(event.target) || !event.target.matches(".scanner")) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    var now = box();
    keep_fault();
    if (now.value.trim() || !line.length) { line.push(now.value.trim()); }
    now.value = "";
    now.focus();
    setTimeout(send, 0); // a form that is submitting takes no second submission
  }, true);

  document.addEventListener("htmx:afterSettle", function (event) {
    if (!busy || event.target.id !== "desk") { return; }
    busy = false;
    if (line.length && keep_fault() && !typed) { box().value = ""; }
    send();
  });

  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach(function (kind) {
    document.addEventListener(kind, function () {
      if (!busy) { return; }
      busy = false;
      line.unshift(sent);
      say("The answer did not come: " + line.join(", ") + (line.length === 1 ? " waits" : " wait") + ". Press Enter to send again.");
    });
  });
})();
