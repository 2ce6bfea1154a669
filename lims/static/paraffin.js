// Keys, theme, scan boxes, sums. Every page works without this file.
(function () {
  "use strict";
  var root = document.documentElement, goingTo = false;
  var first = function (selector, within) { return (within || document).querySelector(selector); };
  var kept = function (name, value) {
    try {
      if (value === undefined) { return window.localStorage.getItem(name); }
      window.localStorage.setItem(name, value);
    } catch (error) { /* storage is closed: nothing is remembered */ }
    return null;
  };
  var quoted = function (key) { return key.replace(/["\\]/g, ""); };

  if (kept("theme")) { root.dataset.theme = kept("theme"); }

  function typing(el) {
    return el && /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(radio|checkbox|button|submit)$/.test(el.type);
  }

  function press(el) {
    if (!el) { return; }
    el.focus();
    if (el.type === "radio" && !el.checked) { el.click(); }
    if (el.type === "checkbox") { el.click(); }
  }

  function follow(el) {
    if (!el) { return; }
    if (/^(A|BUTTON)$/.test(el.tagName)) { el.click(); } else { press(el); }
  }

  // Enter in a number field moves on; it never submits.
  function moveOn(event) {
    var fields = Array.prototype.slice.call(document.querySelectorAll("[data-next-field]"))
      .filter(function (field) { return field.offsetParent !== null; });
    var next = fields[fields.indexOf(event.target) + 1];
    event.preventDefault();
    if (next) { next.focus(); if (next.select) { next.select(); } }
  }

  // Enter in a collecting scan box adds the scan to the list below it and stays.
  function collect(event) {
    var box = event.target, list = document.getElementById(box.dataset.collect), scanned = box.value.trim().toUpperCase();
    event.preventDefault();
    if (!scanned || !list) { return; }
    var lines = list.value.split(/\s+/).filter(Boolean);
    var again = lines.indexOf(scanned) >= 0, says = document.getElementById(list.dataset.says || "");
    if (!again) { lines.push(scanned); }
    if (says) { says.textContent = again ? scanned + " is in the list already." : ""; }
    list.value = lines.join("\n") + "\n";
    list.dispatchEvent(new Event("input", { bubbles: true }));
    box.value = "";
  }

  function dark() {
    var now = root.dataset.theme || (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    kept("theme", root.dataset.theme);
  }

  // Ctrl+Enter does what the page is for; in an opened part of it, what that part is for.
  function signing(el) {
    var form = el.form && el.closest("main") ? el.form : null;
    var own = form && first("button:not([type=button]):not([aria-disabled=true])", form);
    if (own && el.closest("details")) { return own; }
    return (form && first("[data-sign]", form)) || first("[data-sign]") || own;
  }

  // A link to a closed part of the page opens it, and its first field has the focus.
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#"]'), id = link && link.getAttribute("href").slice(1);
    var part = id && document.getElementById(id), folded = part && part.closest("details");
    if (!folded) { return; }
    event.preventDefault();
    folded.open = true;
    part.scrollIntoView({ block: "nearest" });
    press(first("textarea, select, input:not([type=hidden]), button", part));
  });

  function goTo(key) {
    goingTo = false;
    follow(first('[data-go="' + quoted(key) + '"]'));
  }

  // j and k walk the rows of a worklist by their next action; Enter then does it.
  function walk(step) {
    var links = Array.prototype.map.call(document.querySelectorAll("main .worklist tbody tr"), function (row) {
      return first(".act a, .act button", row) || first("a", row);
    }).filter(Boolean);
    var now = links.findIndex(function (link) { return link.closest("tr") === (document.activeElement.closest && document.activeElement.closest("tr")); });
    var next = links[now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  // A scanner types like a keyboard, only faster. What it types while no field has the focus goes to the scan box;
  // single keys wait a moment, lest the letters of a label be taken for them.
  var burst = "", last = 0, waiting = [], PATIENCE = 110;
  function single(action) {
    waiting.push(setTimeout(action, PATIENCE));
  }
  // Fast at first; once it is surely a scan, a wireless scanner may falter.
  function goesOn(event) {
    return event.timeStamp - last < (burst.length > 3 ? 300 : 100);
  }
  function scanning(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) { burst = ""; return; }
    if (event.key.length === 1) {
      burst = (goesOn(event) ? burst : "") + event.key;
      last = event.timeStamp;
      if (burst.length > 3 && /[0-9-]/.test(burst)) { waiting.forEach(clearTimeout); waiting = []; goingTo = false; }
      return;
    }
    if (event.key !== "Enter") { if (event.key !== "Shift") { burst = ""; } return; }
    if (burst.length > 5 && /[0-9]/.test(burst) && goesOn(event)) { deliver(event, burst); }
    burst = "";
  }
  function deliver(event, scan) {
    var box = first("main [data-scan]") || first("[data-scan]");
    if (!box) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    box.focus();
    box.value = scan;
    if (box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })) && box.form) {
      box.form.requestSubmit();
    }
  }
  document.addEventListener("keydown", scanning, true);

  document.addEventListener("keydown", function (event) {
    var key = event.key, el = event.target;
    if (event.ctrlKey && key === "Enter") { follow(signing(el)); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (key === "Enter" && el.matches("[data-collect]")) { collect(event); return; }
    if (key === "Enter" && el.matches("[data-next-field]")) { moveOn(event); return; }
    if (kept("single-keys") === "off") { return; }
    // In a percentage a letter is never part of the number: it chooses.
    if (typing(el) && !(el.matches("[inputmode=decimal]") && /^[a-z]$/.test(key))) { return; }
    if (key.length > 1) { return; }
    if (goingTo) { goingTo = false; single(function () { goTo(key); }); return; }
    var chosen = function () { return first('[data-key="' + quoted(key) + '"]'); };
    if (chosen()) { event.preventDefault(); if (typing(el)) { follow(chosen()); } else { single(function () { follow(chosen()); }); } return; }
    if (typing(el)) { return; }
    if (key === "g") { goingTo = true; setTimeout(function () { goingTo = false; }, 1500); }
    if (key === "/") { event.preventDefault(); press(first("main [data-scan]") || first("[data-scan]")); }
    if (key === "n") { event.preventDefault(); single(function () { follow(first("[data-due]")); }); }
    if (key === "j" || key === "k") { single(function () { walk(key === "j" ? 1 : -1); }); }
    if (key === "d") { single(dark); }
    if (key === "?") { single(function () { var keys = first("dialog"); if (keys && !keys.open) { keys.showModal(); } }); }
  });

  // A menu of the header closes when the focus or a click goes elsewhere, and by Escape.
  ["click", "focusin"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      document.querySelectorAll(".top details[open]").forEach(function (menu) {
        if (!menu.contains(event.target)) { menu.open = false; }
      });
    });
  });
  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && first(".top details[open]");
    if (menu) { menu.open = false; first("summary", menu).focus(); return; }
    // Out of a scan box, so that single keys work.
    if (event.key === "Escape" && event.target.matches("[data-scan]")) { event.target.blur(); }
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-single-keys]");
    if (button) {
      kept("single-keys", kept("single-keys") === "off" ? "on" : "off");
      button.textContent = kept("single-keys") === "off" ? "Switch single keys on" : "Switch single keys off";
    }
    if (event.target.closest('.button[aria-disabled="true"]')) { event.preventDefault(); }
  });

  // A second click while the first is on its way asks nothing twice. Coming back to the page begins anew.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // A group of parts says its sum as it is typed, and what is still missing. Blank is not 0.
  function sumUp(group) {
    var total = 0, blanks = 0, weighted = 0;
    group.querySelectorAll(".part").forEach(function (part, weight) {
      var typed = first("input", part).value.trim(), value = Number(typed);
      if (typed === "" || isNaN(value)) { blanks += 1; value = 0; }
      first("progress", part).value = value;
      total += value; weighted += weight * value;
    });
    var state = first(".sum .status", group), left = Math.round((100 - total) * 10) / 10;
    first("[data-total]", group).textContent = Math.round(total * 10) / 10;
    state.className = "status " + (left === 0 && !blanks ? "is-done" : left < 0 ? "is-due" : "is-open");
    state.textContent = left < 0 ? -left + " too many" : left > 0 ? left + " left" : blanks ? blanks + " blank" : "complete";
    if (first("[data-hscore]") && group.dataset.parts === "caix") {
      var zero = Number(first(".part input", group).value) || 0;
      group.parentNode.querySelectorAll(".blank").forEach(function (blank) { blank.classList.remove("blank"); });
      first("[data-positive]").textContent = Math.round((total - zero) * 10) / 10 + " %";
      first("[data-hscore]").textContent = Math.round(weighted);
    }
  }

  document.addEventListener("input", function (event) {
    var group = event.target.closest("[data-parts]");
    if (group) { sumUp(group); }
    var list = event.target;
    if (list.dataset.counts) {
      var said = document.getElementById(list.dataset.counts), lines = list.value.split(/\s+/).filter(Boolean).length;
      if (said) { said.textContent = lines + (lines === 1 ? " slide" : " slides"); }
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-parts]").forEach(function (group) {
      if (first("input", group) && first("input", group).value) { sumUp(group); }
    });
    var button = first("[data-single-keys]");
    if (button && kept("single-keys") === "off") { button.textContent = "Switch single keys on"; }
  });

  // After a scan the box is empty and has the focus again; what was scanned meanwhile stays in it.
  // The same label scanned again is new too: it is known by its typing, not by its text.
  var typedSince = false, meanwhile = "";
  document.addEventListener("htmx:beforeRequest", function () {
    var box = first("[data-refocus]");
    typedSince = false;
    if (box) { box.select(); }
  });
  document.addEventListener("input", function (event) {
    if (event.target.matches("[data-refocus]")) { typedSince = true; }
  });
  document.addEventListener("htmx:beforeSwap", function () {
    var box = first("[data-refocus]");
    meanwhile = box && typedSince ? box.value : "";
  });
  document.addEventListener("htmx:afterSwap", function () {
    var box = first("[data-refocus]");
    if (!box) { return; }
    box.focus();
    if (meanwhile) {
      box.value = meanwhile;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    } else { box.select(); }
    meanwhile = "";
  });
})();
