// What is typed at the desk is kept as it is typed: with the server, and in this browser until the server has it.
// Without this file the form works; what was saved before is still given back by the page.
(function () {
  "use strict";
  var form = document.querySelector("[data-desk]"), about = form && form.querySelector("[data-draft]");
  if (!about) { return; }
  var PAUSE = 600, AGAIN = 4000;
  var kind = about.dataset, trouble = form.querySelector("[data-trouble]"), saidSaved = document.querySelector("[data-saved]");
  var mine = "draft:" + kind.reader + ":", key = mine + kind.case + ":" + kind.form;
  var version = Number(kind.version), known = version, id = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
  var typedAt = 0, savedAt = 0, timer = null, underWay = false, leaving = false, told = null;
  var csrf = function () { return form.querySelector("[name=csrfmiddlewaretoken]").value; };

  // ---- this browser's own store ----
  function store(name, value) {
    try {
      if (value === undefined) { return JSON.parse(window.localStorage.getItem(name)); }
      if (value === null) { window.localStorage.removeItem(name); } else { window.localStorage.setItem(name, JSON.stringify(value)); }
    } catch (error) { /* storage is closed: the server alone keeps it */ }
    return null;
  }
  // The windows that this tab has been: a page loaded anew is no other window.
  function been() { try { return JSON.parse(window.sessionStorage.getItem("windows")) || []; } catch (error) { return []; } }
  try { window.sessionStorage.setItem("windows", JSON.stringify(been().concat(id).slice(-40))); } catch (error) { /* as above */ }

  // ---- what is typed ----
  function fields() {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && !field.closest(".signing") && !/^(hidden|password|submit|button)$/.test(field.type);
    });
  }
  function typed() {
    var said = {};
    fields().forEach(function (field) {
      if (field.type !== "radio") { said[field.name] = field.value; }
      else if (field.checked) { said[field.name] = field.value; }
      else if (!(field.name in said)) { said[field.name] = ""; }
    });
    return said;
  }
  function putBack(said) {
    fields().forEach(function (field) {
      if (!(field.name in said)) { return; }
      if (field.type === "radio") { field.checked = field.value === said[field.name]; } else { field.value = said[field.name]; }
    });
    form.querySelectorAll("[data-parts] .part:first-of-type input").forEach(function (input) {
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    changed();
  }
  // A slow line brings the form before this file: what was typed in between counts too.
  function typedAlready() {
    return fields().some(function (field) {
      if (field.type === "radio") { return field.checked !== field.defaultChecked; }
      if (field.tagName !== "SELECT") { return field.value !== field.defaultValue; }
      return Array.prototype.some.call(field.options, function (option) { return option.defaultSelected && !option.selected; });
    });
  }
  var same = function (one, other) { return JSON.stringify(one) === JSON.stringify(other); };

  // ---- trouble, in a sentence ----
  function says(sentence, buttons) {
    trouble.hidden = !sentence;
    trouble.querySelector("[data-trouble-said]").textContent = sentence || "";
    ["take-over", "load-theirs", "put-back", "sign-in"].forEach(function (name) {
      trouble.querySelector("[data-" + name + "]").hidden = (buttons || []).indexOf(name) < 0;
    });
  }

  // ---- saving ----
  function changed() {
    typedAt = Date.now();
    store(key, { typed: typed(), version: version });
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }
  function save() {
    clearTimeout(timer);
    if ("closed" in kind || leaving || savedAt === typedAt) { return; }
    if (underWay) { timer = setTimeout(save, PAUSE); return; }
    underWay = true;
    send(false).then(heard, lost).then(function () { underWay = false; });
  }
  function send(parting) {
    var now = typedAt;
    // A parting save goes while another may be under way: it names the version that one will have made.
    var named = version + (parting && underWay ? 1 : 0);
    var body = { form: kind.form, window: id, version: named, typed: typed(), everything: Boolean(form.querySelector("#refusals")) };
    if (parting) { version = named + 1; savedAt = now; }
    return fetch(kind.draft, {
      method: "POST", keepalive: parting, redirect: "manual", credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() }, body: JSON.stringify(body)
    }).then(function (answer) {
      var json = /json/.test(answer.headers.get("Content-Type") || "");
      if (!json) { return { status: answer.type === "opaqueredirect" || answer.status === 403 ? 401 : 503 }; }
      return answer.json().then(function (said) { said.status = answer.status; said.of = now; return said; });
    });
  }
  function heard(said) {
    if (leaving) { return; }
    if (said.said) { show(said.said); }
    if (said.status === 200) {
      version = known = said.version;
      savedAt = said.of;
      if (savedAt === typedAt) { store(key, null); } else { timer = setTimeout(save, PAUSE); }
      if (saidSaved) { saidSaved.textContent = "saved " + said.saved; }
      says("");
    } else if (said.status === 401) {
      says("Your sign-in has ended. What you typed is kept in this browser: sign in again, and it stands here as it was.", ["sign-in"]);
      unsaved();
    } else if (said.status === 412 && !said.signed && (said.version === known || been().indexOf(said.window) >= 0)) {
      // Nobody else has typed: a message of this tab's own was lost, or came after the page.
      version = known = said.version;
      timer = setTimeout(save, 0);
    } else if (said.status === 412) {
      other(said);
      unsaved();
    } else if (said.status === 503) { lost(); } else {
      says(said.sentence + " What you type is kept in this browser only.");
      unsaved();
    }
  }
  function lost() {
    if (leaving) { return; }
    says("The server does not answer. What you type is kept in this browser and saved as soon as it does.");
    unsaved();
    timer = setTimeout(save, AGAIN);
  }
  function unsaved() { if (saidSaved) { saidSaved.textContent = "not saved"; } }

  // ---- the same case in another window ----
  function other(said) {
    told = said;
    if (said.signed || !said.version) {
      says((said.sentence || "This draft is gone.") + " What you type is kept in this browser only.", said.signed ? [] : ["take-over"]);
      return;
    }
    says("This case is open in another window; what was typed there was saved " + said.saved + ".", ["take-over", "load-theirs"]);
  }
  trouble.addEventListener("click", function (event) {
    if (event.target.closest("[data-take-over]")) {
      if (told) { version = known = told.version; }
      told = null;
      says("");
      typedAt = Date.now();
      save();
    } else if (event.target.closest("[data-load-theirs]")) {
      leaving = true;
      store(key, null);
      window.location.assign(window.location.pathname);
    } else if (event.target.closest("[data-put-back]")) {
      says("");
      putBack(held.typed);
    }
  });
  function look() {
    if (leaving || underWay || document.hidden || "closed" in kind) { return; }
    fetch(kind.draft, { redirect: "manual", credentials: "same-origin" }).then(function (answer) { return answer.json(); })
      .then(function (said) {
        if (!leaving && !underWay && said.version > version && been().indexOf(said.window) < 0) { other(said); }
      }).catch(function () { /* the next save will say */ });
  }
  window.addEventListener("focus", look);
  if (window.BroadcastChannel) {
    var channel = new BroadcastChannel("paraffin-desk");
    channel.onmessage = function (event) {
      if (event.data.key !== key || leaving || "closed" in kind) { return; }
      if (event.data.hello) { channel.postMessage({ key: key }); }
      if (trouble.hidden) { says("This case is open in another window of this browser too. Type in one of them: the other asks before it overwrites anything."); }
    };
    channel.postMessage({ key: key, hello: true });
  }

  // ---- what the rules say of it so far, beside its field ----
  function clear() {
    form.querySelectorAll('.error-of, [id^="f-"][id$="-error"]:not(#f-password-error)').forEach(function (said) {
      var around = said.closest(".part-said");
      (around && !around.classList.contains("error-of") ? around : said).remove();
    });
    form.querySelectorAll("[data-draft] ~ * .has-error, [data-draft] ~ * .marked").forEach(function (field) {
      if (!field.querySelector("#f-password, #f-reason, #f-present, #f-downtime_form")) { field.classList.remove("has-error", "marked"); }
    });
    fields().forEach(function (field) { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); });
  }
  function place(name) {
    var field = form.querySelector("#f-" + name);
    return field && { field: field, part: field.closest(".part"), box: field.closest(".field, .part") };
  }
  function mark(name) {
    var at = place(name);
    if (!at || !at.box) { return; }
    at.box.classList.add(at.part ? "marked" : "has-error");
    if (at.field.matches("input, select, textarea")) { at.field.setAttribute("aria-invalid", "true"); }
  }
  function beside(problem) {
    var at = place(problem.field), said = document.createElement("div"), line = document.createElement("p");
    if (!at || !at.box) { return; }
    said.className = "error-of" + (at.part ? " part-said" : "");
    said.id = "f-" + problem.field + "-error";
    line.className = problem.refuses ? "error" : "hint";
    line.textContent = (problem.refuses ? "" : "Look again: ") + problem.sentence;
    said.appendChild(line);
    if (at.part) { at.part.after(said); } else { at.box.appendChild(said); }
    at.field.setAttribute("aria-describedby", said.id);
    if (problem.refuses) { mark(problem.field); problem.others.forEach(mark); }
  }
  var before = "[]";
  function show(problems) {
    if (JSON.stringify(problems) === before) { return; }
    before = JSON.stringify(problems);
    clear();
    problems.forEach(beside);
    form.querySelector("[data-live]").textContent = problems.map(function (each) { return each.sentence; }).join(" ");
  }

  // ---- when ----
  ["input", "change"].forEach(function (what) {
    form.addEventListener(what, function (event) { if (!event.target.closest(".signing")) { changed(); } });
  });
  form.addEventListener("focusout", function () { if (savedAt !== typedAt) { save(); } });
  function part() {
    if (leaving || savedAt === typedAt || "closed" in kind) { return; }
    send(true).catch(function () { /* this browser keeps it */ });
  }
  window.addEventListener("pagehide", part);
  // What was sent in parting is not known to have arrived: coming back, it is sent again.
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) { part(); } else if (store(key)) { savedAt = 0; save(); }
  });
  form.addEventListener("submit", function (event) {
    if (event.defaultPrevented) { return; }
    if (event.submitter && event.submitter.matches("[data-drop]")) { leaving = true; store(key, null); return; }
    part();
    leaving = true;
    store(key, { typed: typed(), version: version, sent: true });
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { leaving = false; look(); } });

  // What was signed since is kept no longer; what was sent and never arrived stays.
  Object.keys(window.localStorage || {}).filter(function (name) { return name.indexOf(mine) === 0 && name !== key; }).forEach(function (name) {
    var code = name.split(":")[2], left = store(name);
    if (!left || !left.sent) { return; }
    fetch(kind.draft.replace("/" + kind.case + "/", "/" + code + "/"), { redirect: "manual", credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (said) { if (said.signed) { store(name, null); } }).catch(function () { /* another time */ });
  });

  var held = store(key);
  if (held && same(held.typed, typed())) { store(key, null); held = null; }
  if (typedAlready()) {
    if (held) { says("This browser kept something you typed of this case before.", ["put-back"]); }
    changed();
  } else if (held && held.version >= version && !("posted" in kind)) {
    putBack(held.typed);
  } else if (held && !("posted" in kind)) {
    says("This browser kept something you typed of this case that was never saved; later work was saved elsewhere.", ["put-back"]);
  } else if ("posted" in kind) {
    changed();
  }
  if (kind.fresh && been().indexOf(kind.window) < 0 && trouble.hidden) {
    says("This case may be open in another window: something was typed there at " + kind.fresh + ". Typing here takes it over.");
  }
})();
