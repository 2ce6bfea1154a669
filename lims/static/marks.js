// Points and regions on the slide, by mouse or by keys: a cross in the middle of the view sets what Space says.
(function () {
  "use strict";
  var slide = window.paraffinSlide;
  if (!slide) { return; }
  var box = slide.box, deep = slide.deep, SVG = "http://www.w3.org/2000/svg";
  var part = function (selector) { return box.querySelector(selector); };
  var says = part("[data-says]"), note = part("[data-note]"), list = part("[data-list]"), text = part("#mark-note");
  var may = box.dataset.mayMark === "yes", viewer = null, about = null, layer = null;
  var mode = "", corners = [], marks = [];
  if (!may) { part(".marking").hidden = true; }

  function tell(words) { says.textContent = words; says.hidden = !words; }
  function number() { return Number(box.dataset.number); }

  // ---- drawing ----
  function place(corner) {
    return viewer.viewport.imageToViewerElementCoordinates(new OpenSeadragon.Point(corner[0], corner[1]));
  }
  function drawn(kind, attributes, className) {
    var shape = document.createElementNS(SVG, kind);
    Object.keys(attributes).forEach(function (name) { shape.setAttribute(name, attributes[name]); });
    shape.setAttribute("class", className);
    layer.appendChild(shape);
    return shape;
  }
  function outline(shape, kind, className, name) {
    var points = shape.map(place), first = points[0];
    if (kind === "point") { drawn("circle", { cx: first.x, cy: first.y, r: 7 }, className); }
    else { drawn(className === "drawing" ? "polyline" : "polygon", { points: points.map(function (p) { return p.x + "," + p.y; }).join(" ") }, className); }
    if (name) { drawn("text", { x: first.x + 10, y: first.y - 8 }, "name").textContent = name; }
  }
  function draw() {
    if (!layer) { return; }
    layer.replaceChildren();
    marks.forEach(function (mark, index) {
      if (mark.picture === number()) { outline(mark.shape, mark.kind, mark.whose === "yours" ? "own" : "other", index + 1); }
    });
    if (corners.length) { outline(corners, mode === "point" ? "point" : "region", "drawing", ""); }
    if (!mode) { return; }
    corners.forEach(function (corner) { var at = place(corner); drawn("circle", { cx: at.x, cy: at.y, r: 4 }, "corner"); });
    var x = deep.clientWidth / 2, y = deep.clientHeight / 2;
    drawn("path", { d: "M" + (x - 12) + " " + y + "h24M" + x + " " + (y - 12) + "v24" }, "cross");
  }
  function show() {
    list.replaceChildren();
    list.hidden = !marks.length;
    marks.forEach(function (mark) {
      var row = document.createElement("li"), said = document.createElement("span");
      said.textContent = mark.kind + (mark.note ? ": " + mark.note : "") + (mark.whose === "yours" ? "" : " (" + mark.whose + ")");
      row.appendChild(said);
      if (may && mark.whose === "yours") {
        var button = document.createElement("button");
        button.type = "button"; button.className = "plain"; button.textContent = "Take it away";
        button.addEventListener("click", function () { remove(mark); });
        row.appendChild(button);
      }
      list.appendChild(row);
    });
    draw();
  }

  // ---- keeping ----
  function send(method, address, body) {
    return fetch(address, {
      method: method, credentials: "same-origin", body: body ? JSON.stringify(body) : undefined,
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": box.dataset.csrf }
    }).then(function (answer) {
      if (answer.status === 204) { return {}; }
      return answer.json().then(function (said) { if (!answer.ok) { throw new Error(said.sentence); } return said; });
    });
  }
  function failed(error) { tell(error.message === "Failed to fetch" ? "The mark was not kept: the network is away. Try again." : error.message); }
  function load() { send("GET", box.dataset.marks).then(function (said) { marks = said.results; show(); }).catch(function () {}); }
  function keep() {
    var body = { picture: number(), kind: mode, shape: corners, note: text.value };
    send("POST", box.dataset.marks, body).then(function (mark) {
      marks.push(mark); end("The " + mark.kind + " is marked."); show();
    }).catch(failed);
  }
  function remove(mark) {
    send("DELETE", box.dataset.marks + mark.id + "/").then(function () {
      marks = marks.filter(function (each) { return each !== mark; }); tell("The " + mark.kind + " is taken away."); show(); deep.focus();
    }).catch(failed);
  }

  // ---- setting ----
  function begin(kind) {
    if (!may || !viewer) { return; }
    mode = kind; corners = []; note.hidden = true;
    tell(kind === "point" ? "Click the place, or move the slide under the cross and press Space. Escape gives up."
      : "Click corner after corner, or move the slide under the cross and press Space at each. Enter closes the region, u takes the last corner back, Escape gives up.");
    deep.focus(); draw();
  }
  function end(words) { mode = ""; corners = []; note.hidden = true; text.value = ""; tell(words || ""); draw(); deep.focus(); }
  function set(at) {
    if (!note.hidden) { return; }
    var image = viewer.viewport.viewerElementToImageCoordinates(at);
    corners.push([Math.min(Math.max(image.x, 0), about.width), Math.min(Math.max(image.y, 0), about.height)]);
    draw();
    if (mode === "point") { ask(); }
  }
  function ask() {
    if (mode === "region" && corners.length < 3) { tell("A region has three corners or more."); return; }
    tell(""); note.hidden = false; text.focus(); draw();
  }
  text.addEventListener("keydown", function (event) {
    event.stopPropagation();
    if (event.key === "Enter") { event.preventDefault(); keep(); }
    if (event.key === "Escape") { end("Nothing was marked."); }
  });
  box.addEventListener("click", function (event) {
    var does = event.target.dataset.do || (event.target.parentNode.dataset || {}).do;
    if (does === "point" || does === "region") { begin(does); }
    if (does === "keep") { keep(); }
    if (does === "discard") { end("Nothing was marked."); }
  });

  function key(event) {
    if (event.key === "t" && may) { begin("point"); return true; }
    if (event.key === "e" && may) { begin("region"); return true; }
    if (!mode) { return false; }
    if (event.key === " ") { set(new OpenSeadragon.Point(deep.clientWidth / 2, deep.clientHeight / 2)); return true; }
    if (event.key === "Enter") { ask(); return true; }
    if (event.key === "u") { corners.pop(); draw(); return true; }
    if (event.key === "Escape") { end("Nothing was marked."); return true; }
    return false;
  }
  slide.listen({
    key: key,
    opened: function (opened, told) {
      viewer = opened; about = told; mode = ""; corners = [];
      layer = document.createElementNS(SVG, "svg");
      layer.setAttribute("class", "layer"); layer.setAttribute("aria-hidden", "true");
      viewer.canvas.appendChild(layer);
      viewer.addHandler("update-viewport", draw);
      viewer.addHandler("resize", draw);
      viewer.addHandler("canvas-click", function (event) {
        if (!mode || !event.quick) { return; }
        event.preventDefaultAction = true;
        set(event.position);
      });
      load();
    }
  });
})();
