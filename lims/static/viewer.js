// The slide in depth: tiles by OpenSeadragon, scale bar, magnifications, turning, keys. Without it the picture stays.
(function () {
  "use strict";
  var box = document.querySelector("[data-viewer]");
  if (!box || !window.OpenSeadragon) { return; }
  var part = function (selector) { return box.querySelector(selector); };
  var deep = part(".deep"), bar = part(".scalebar"), now = part(".now"), waiting = part(".waiting");
  var viewer = null, about = null, cameFrom = null, moved = false;
  var listeners = [];

  // The one style the library writes into a page, for fingers, stands in our own sheet; the page's policy refuses it
  // from a script. An element of that name, which is no style, tells the library that it is there.
  var there = document.createElementNS("urn:paraffin", "style");
  there.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.appendChild(there);

  function still() { return window.matchMedia("(prefers-reduced-motion: reduce)").matches; }

  // ---- scale ----
  // Objective magnification of one picture pixel on one screen pixel; 0 when nobody knows it.
  function base() {
    if (about.magnification) { return about.magnification; }
    return about.mpp ? 10 / about.mpp : 0;
  }
  function zoom() { return viewer.viewport.viewportToImageZoom(viewer.viewport.getZoom(true)); }

  var LENGTHS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
  function measure() {
    var perPixel = about.mpp ? about.mpp / zoom() : 0;  // micrometres on one screen pixel
    if (!perPixel) { bar.textContent = "scale unknown"; bar.classList.add("unknown"); return; }
    var most = Math.min(180, deep.clientWidth / 3);
    var length = LENGTHS.filter(function (each) { return each / perPixel <= most; }).pop() || LENGTHS[0];
    bar.textContent = length < 1000 ? length + " µm" : length / 1000 + " mm";
    bar.style.width = Math.round(length / perPixel) + "px";
  }
  function say() {
    var times = base() * zoom(), rounded = times < 10 ? Math.round(times * 10) / 10 : Math.round(times);
    now.textContent = base() ? rounded + "x" : Math.round(zoom() * 100) + " %";
    box.querySelectorAll("[data-mag]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(base() > 0 && Math.abs(Number(button.dataset.mag) / times - 1) < 0.02));
    });
    measure();
  }

  // ---- moving ----
  function magnify(times) {
    if (!base()) { return; }
    viewer.viewport.zoomTo(viewer.viewport.imageToViewportZoom(times / base()), null, still());
    viewer.viewport.applyConstraints();
  }
  function pan(x, y) {
    var by = new OpenSeadragon.Point(x * deep.clientWidth / 5, y * deep.clientHeight / 5);
    viewer.viewport.panBy(viewer.viewport.deltaPointsFromPixels(by), still());
    viewer.viewport.applyConstraints();
  }
  function turn(degrees) { viewer.viewport.setRotation(viewer.viewport.getRotation() + degrees, still()); }
  function home() { moved = false; viewer.viewport.setRotation(0, true); viewer.viewport.goHome(still()); }
  function look() {
    if (document.activeElement !== deep) { cameFrom = document.activeElement; }
    deep.focus();
  }
  function leave() {
    var form = document.querySelector("[data-desk]");
    var back = cameFrom && cameFrom !== document.body && !box.contains(cameFrom) ? cameFrom : null;
    back = back || (form && form.querySelector("input:not([type=hidden]), select, textarea, button:not(.sr)"));
    if (back) { back.focus(); } else { deep.blur(); }
  }

  var KEYS = {
    ArrowLeft: function () { pan(-1, 0); }, ArrowRight: function () { pan(1, 0); },
    ArrowUp: function () { pan(0, -1); }, ArrowDown: function () { pan(0, 1); },
    "+": function () { viewer.viewport.zoomBy(1.5, null, still()); }, "-": function () { viewer.viewport.zoomBy(1 / 1.5, null, still()); },
    "=": function () { viewer.viewport.zoomBy(1.5, null, still()); },
    "1": function () { magnify(1); }, "2": function () { magnify(5); }, "3": function () { magnify(10); },
    "4": function () { magnify(20); }, "5": function () { magnify(40); },
    h: home, "0": home, r: function () { turn(90); }, l: function () { turn(-90); }, Escape: leave
  };
  // The desk's single keys stay the desk's: only these are taken, and only while the slide has the focus.
  deep.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !viewer) { return; }
    var taken = listeners.some(function (listener) { return listener.key(event); });
    var action = KEYS[event.key];
    if (!taken && !action) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (!taken) { moved = true; action(); }
  });

  var DOES = { home: home, right: function () { turn(90); }, look: look };
  box.addEventListener("click", function (event) {
    var button = event.target.closest("[data-mag], [data-do], [data-other]");
    if (!button || !viewer) { return; }
    if (button.dataset.other) {
      event.preventDefault();
      box.dataset.viewer = button.dataset.other;
      box.dataset.number = button.dataset.number;
      part("[data-whole]").href = button.href;
      ask();
    } else if (button.dataset.mag) { moved = true; magnify(Number(button.dataset.mag)); } else if (DOES[button.dataset.do]) { DOES[button.dataset.do](); }
  });

  // ---- opening ----
  function source() {
    if (!about.tiles) { return { type: "image", url: about.whole, buildPyramid: false }; }
    return {
      width: about.width, height: about.height, tileSize: about.tile_size, tileOverlap: 0, maxLevel: about.max_level,
      getTileUrl: function (level, x, y) { return about.tiles + level + "/" + x + "/" + y + "/"; }
    };
  }
  function open() {
    if (viewer) { viewer.destroy(); }
    deep.hidden = false;
    bar.hidden = false;
    part("[data-tools]").hidden = false;
    part(".end-of-tools").append.apply(part(".end-of-tools"), part("[data-links]").childNodes);  // one row of tools
    part("[data-links]").hidden = true;
    if (waiting) { waiting.hidden = true; }
    // The key goes to the slide now, wherever else it led without this file.
    document.querySelectorAll('[data-key="o"]').forEach(function (other) { if (!box.contains(other)) { other.removeAttribute("data-key"); } });
    part("[data-form-only]").hidden = !document.querySelector("[data-desk]");
    moved = false;
    var picture = part("img.view");
    viewer = OpenSeadragon({
      element: deep, tileSources: source(), drawer: "canvas", showNavigationControl: false, showNavigator: false,
      keyboardNavEnabled: false,  // its own keys would take letters that are the desk's
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false }, gestureSettingsTouch: { dblClickToZoom: true },
      minZoomImageRatio: 0.8, maxZoomPixelRatio: 4, visibilityRatio: 0.5, animationTime: still() ? 0 : 0.6,
      imageLoaderLimit: 6, timeout: 30000, crossOriginPolicy: false
    });
    viewer.canvas.setAttribute("tabindex", "-1");
    viewer.addHandler("open", function () {
      if (picture) { picture.hidden = true; }
      say();
      box.dataset.ready = "yes";
      listeners.forEach(function (listener) { listener.opened(viewer, about); });
    });
    viewer.addHandler("open-failed", function () { deep.hidden = bar.hidden = true; if (picture) { picture.hidden = false; } });
    ["animation", "zoom", "resize", "animation-finish"].forEach(function (kind) { viewer.addHandler(kind, say); });
    // Until somebody moves it the whole slide is in view, however the tools below grow.
    viewer.addHandler("resize", function () {
      setTimeout(function () { if (!moved && viewer && viewer.viewport) { viewer.viewport.goHome(true); } }, 0);
    });
    ["canvas-drag", "canvas-scroll", "canvas-pinch"].forEach(function (kind) { viewer.addHandler(kind, function () { moved = true; }); });
    viewer.addHandler("canvas-press", look);
    box.querySelectorAll("[data-mag]").forEach(function (button) {
      button.disabled = !base();
      if (!base()) { button.title = "The picture does not say its scale"; }
    });
    bar.classList.toggle("unknown", !about.mpp);
  }
  function wait() {
    if (!waiting) { return; }
    waiting.querySelector("[data-waiting]").textContent = (about.stopped ? "Tiles are not being cut now, " : "Cutting tiles, ") + about.done + " of " + about.total + ".";
    waiting.querySelector("progress").value = about.done;
    if (about.whole && !part("img.view")) { window.location.reload(); return; }
    setTimeout(ask, 2000);
  }
  function ask() {
    fetch(box.dataset.viewer, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      return answer.ok ? answer.json() : null;
    }).then(function (said) {
      if (!said) { return; }
      about = said;
      if (about.ready) { open(); } else { wait(); }
    }).catch(function () { setTimeout(ask, 5000); });
  }

  // Marks listen in: key(event) says whether it took the key, opened(viewer, about) that there is a picture.
  window.paraffinSlide = { box: box, deep: deep, listen: function (listener) { listeners.push(listener); if (viewer && box.dataset.ready) { listener.opened(viewer, about); } } };
  ask();
})();
