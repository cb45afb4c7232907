/* Puts it together: connection, tabs, announcements, recording and replay. */
"use strict";

(function (pw) {
  const { say, byId, format } = pw;
  const USUAL = "ws://127.0.0.1:8765/serial";
  const REMEMBERED = "packwarden.line";
  const TICK_MS = 500;
  const PLAY_MS = 100;
  const AGAIN_MS = 1500;

  const store = new pw.Store();
  const session = new pw.Session(store);
  const views = {
    live: new pw.LiveView(byId("live"), store),
    codes: new pw.CodesView(byId("codes"), store, session),
    settings: new pw.SettingsView(byId("settings"), store, session),
    service: new pw.ServiceView(byId("service"), store, session),
    events: new pw.EventsView(byId("events"), store, session),
    console: new pw.ConsoleView(byId("console"), store, session),
  };
  let current = "live";
  let player = null;
  let drawn = false;

  // ---- drawing: once a frame at most, and only what can be seen

  store.subscribe(() => {
    if (drawn) return;
    drawn = true;
    setTimeout(draw, 50); // not requestAnimationFrame: the title and the announcements count in the background too
  });

  function draw() {
    drawn = false;
    views[current].show();
    showLink();
    announce();
  }

  function showLink() {
    const { phase, text } = store.link;
    const line = byId("link");
    line.dataset.phase = phase;
    say(line, phase === "live" ? `Live: ${pw.modeOf(store.status)[0].toLowerCase()}` : text);
    const old = phase !== "live" && phase !== "replay" && store.status !== null;
    document.body.classList.toggle("old", old);
    const open = !["off", "replay"].includes(phase);
    byId("disconnect").disabled = !open;
    byId("record").disabled = phase !== "live" && !session.recorder;
    if (session.recorder && session.recorder.full) say(byId("record"), "Keep the recording: it is full");
    const standing = store.status ? store.status.faults.length : 0;
    const count = byId("codes-count");
    count.hidden = standing === 0;
    say(count, String(standing));
    document.title = store.status ? `${format.percent(store.status.soc_permille)} ${pw.modeOf(store.status)[0]} – Packwarden` : "Packwarden";
  }

  // ---- announcements: what changed in kind, not every figure

  let announced = "";

  function announce() {
    const { status } = store;
    if (!status) return;
    const key = [status.mode, status.faults.join("+"), status.protected, status.service_needed].join("|");
    if (key === announced) return;
    announced = key;
    const faults = status.faults.length ? ` Faults: ${status.faults.join(", ")}.` : " No faults.";
    say(byId("announcer"), `${pw.modeOf(status)[0]}. ${pw.sentence(status.why)}${status.protected ? "" : " Not protected."}${faults}`);
  }

  // ---- tabs

  const tabs = [...document.querySelectorAll("[role=tab]")];

  function choose(tab, focus) {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      byId(each.getAttribute("aria-controls")).hidden = !chosen;
    }
    current = tab.getAttribute("aria-controls");
    if (focus) tab.focus();
    draw();
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab, false));
    tab.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(tab);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(tabs[(to + tabs.length) % tabs.length], true);
    });
  }

  // ---- connection

  const outcome = byId("connection-outcome");

  async function connect(make) {
    leaveRecording();
    say(outcome, "");
    try {
      await session.connect(make);
      byId("connection").open = false;
    } catch (error) {
      say(outcome, error.message);
    }
  }

  async function connectUrl(url) {
    remember(url);
    await connect(() => new pw.WebSocketTransport(url));
  }

  byId("connect-form").addEventListener("submit", (event) => {
    event.preventDefault();
    connectUrl(byId("url").value.trim());
  });

  byId("disconnect").addEventListener("click", () => session.disconnect());

  const serial = navigator.serial;
  byId("connect-serial").disabled = !serial;
  say(byId("serial-note"), serial
    ? "The board's own port, in this browser."
    : "This browser has no WebSerial: Chrome and Edge have it, on a page from disk, from localhost or by https. A bridge works everywhere.");

  byId("connect-serial").addEventListener("click", async () => {
    let port;
    try {
      port = await serial.requestPort();
    } catch {
      say(outcome, "No port was chosen.");
      return;
    }
    const { usbVendorId, usbProductId } = port.getInfo();
    await connect(async () => {
      // A board that was unplugged comes back as another port.
      const known = await serial.getPorts();
      const same = known.filter((each) => each.getInfo().usbVendorId === usbVendorId && each.getInfo().usbProductId === usbProductId);
      return new pw.SerialTransport(known.includes(port) || !same.length ? port : same[same.length - 1]);
    });
  });

  function remember(url) {
    try {
      localStorage.setItem(REMEMBERED, pw.withoutKey(url));
    } catch {
      // a page from disk may not be allowed to
    }
  }

  function remembered() {
    try {
      return localStorage.getItem(REMEMBERED);
    } catch {
      return null;
    }
  }

  // ---- recording and replay

  byId("record").addEventListener("click", () => {
    const button = byId("record");
    if (!session.recorder) {
      session.startRecording();
    } else {
      const recorder = session.stopRecording();
      save(recorder.text(), `packwarden-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.jsonl`);
      say(outcome, `${recorder.count} lines recorded.`);
    }
    button.setAttribute("aria-pressed", String(session.recorder !== null));
    say(button, session.recorder ? "Stop and keep the recording" : "Record");
  });

  function save(text, name) {
    const link = pw.h("a", { href: URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  byId("recording").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      const recording = pw.readRecording(await file.text());
      session.disconnect();
      player = new pw.Player(recording, store);
      store.setLink("replay", `Recording of ${recording.source || "a pack"}, ${recording.started.replace("T", " ")}`);
      byId("player").hidden = false;
      byId("position").max = String(player.end_s);
      byId("connection").open = false;
      say(outcome, "");
      player.playing = true;
      showPlayer();
    } catch (error) {
      say(outcome, error.message);
    }
    event.target.value = "";
  });

  function leaveRecording() {
    if (!player) return;
    player = null;
    byId("player").hidden = true;
    store.forget();
    store.setLink("off", "Not connected.");
  }

  function showPlayer() {
    say(byId("play"), player.playing ? "Pause" : "Play");
    byId("position").value = String(player.at_s);
    const text = `${format.duration(player.at_s)} of ${format.duration(player.end_s)}`;
    byId("position").setAttribute("aria-valuetext", text);
    say(byId("position-text"), text);
  }

  byId("play").addEventListener("click", () => {
    if (player.at_s >= player.end_s) player.seek(0);
    player.playing = !player.playing;
    showPlayer();
  });
  byId("position").addEventListener("input", (event) => {
    player.playing = false;
    player.seek(Number(event.target.value));
    store.changed("status");
    showPlayer();
  });
  byId("speed").addEventListener("change", (event) => {
    player.speed = Number(event.target.value);
  });
  byId("leave").addEventListener("click", leaveRecording);

  // ---- time

  let ticked = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (player && player.playing) {
      player.tick(now - ticked);
      showPlayer();
    }
    ticked = now;
  }, PLAY_MS);
  setInterval(() => session.tick(), TICK_MS);
  window.addEventListener("pagehide", () => session.disconnect());

  // ---- start: a page that a bridge handed out talks to that bridge

  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  const here = location.protocol.startsWith("http") && (key || ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname));
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  byId("url").value = here ? `${scheme}://${location.host}/serial${key ? "?key=" + key : ""}` : remembered() || USUAL;
  draw();
  if (here) {
    connectUrl(byId("url").value).then(() => {
      // A page that is loaded again may find its own line still taken.
      if (store.link.phase === "off") setTimeout(() => store.link.phase === "off" && connectUrl(byId("url").value), AGAIN_MS);
    });
  }

  Object.assign(pw, { app: { store, session } });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
