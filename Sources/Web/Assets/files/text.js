// All English of the pages.

export const text = {
  product: "Steno",
  pages: "Pages",
  toRecordings: "Go to recordings",
  nothing: { title: "Page not found", body: "There is nothing at this address. The link may be wrong or out of date." },
  skipToContent: "Skip to content",

  signIn: {
    title: "Sign in",
    again: "Your session has ended. Sign in to continue where you were.",
    user: "User",
    password: "Password",
    button: "Sign in",
    wrong: "Wrong user name or password.",
    badLink: "This link has been used or has expired. Sign in with a password, or ask for a new link.",
    tooMany: "Too many attempts. Wait a minute and try again.",
    failed: (why) => `Could not sign in: ${why}.`,
    out: "Sign out",
    byLink: "One-time link",
  },

  account: {
    label: (name) => `Account: ${name}`,
    roles: { admin: "Administrator", auditor: "Auditor", viewer: "Viewer" },
  },

  zone: {
    label: "Time zone", local: "Local",
    shown: (name) => `Times in ${name}; switch`,
    toUTC: (zone) => `Times in your zone (${zone}). Click for UTC.`,
    toLocal: (zone) => `Times in UTC. Click for your zone (${zone}).`,
  },

  theme: { label: "Theme", auto: "System", light: "Light", dark: "Dark" },

  status: {
    unreachable: "Can’t reach the server. Retrying…",
    reachable: "Connected again.",
    failed: (why) => `Something went wrong: ${why}`,
  },

  list: {
    title: "Recordings",
    filters: "Filters",
    user: "User",
    host: "Host",
    since: "Since",
    until: "Until",
    state: "State",
    anyState: "Any",
    anyName: "Any",
    timeHint: "yesterday, 2h, 2026-01-31",
    untilHint: "now, 1h, 2026-01-31",
    clear: "Clear",
    /** @param part What there is not of that number; `time` when it is none at all. */
    badTime: (part, number) => {
      const wrong = part === "time" ? "Not a time."
        : `There is no ${part} ${number}${part === "day" ? " in that month" : ""}.`;
      return `${wrong} Try 2026-01-31 14:00, 14:00, yesterday or 2h.`;
    },
    columns: {
      state: "State", user: "User", host: "Host", start: "Start", end: "End", duration: "Duration", bytes: "Size",
      trust: "Trust",
    },
    sortBy: (column, order) => `Sort by ${column.toLowerCase()}, ${order === "asc" ? "ascending" : "descending"}`,
    none: "No recordings match these filters.",
    noneAtAll: "Nothing has been recorded yet.",
    loading: "Loading…",
    count: (count, isAll) => (isAll ? `${count} ${count === 1 ? "recording" : "recordings"}` : `${count} shown, more as you scroll`),
    live: (count) => `${count} live`,
    now: "now",
    open: (user, host, start) => `${user} on ${host}, ${start}`,
  },

  hosts: {
    title: "Hosts",
    columns: { name: "Host", state: "State", enrolled: "Enrolled", seen: "Last heard", live: "Live", clock: "Clock" },
    states: { enrolled: "Enrolled", active: "Enrolled", revoked: "Revoked" },
    never: "never",
    live: (count) => `${count} live`,
    recordingsOf: (host) => `Recordings of ${host}`,
    unknownClock: "–",
    rightClock: "in step",
    none: "No host has been enrolled yet.",
    count: (count) => `${count} ${count === 1 ? "host" : "hosts"}`,
    forbidden: "Only auditors and administrators can see hosts.",
  },

  states: {
    live: "Live", complete: "Complete", incomplete: "Incomplete", killed: "Killed", interrupted: "Interrupted",
    abandoned: "Abandoned", damaged: "Damaged", tampered: "Tampered", gaps: "Gaps", silent: "No contact",
    tips: {
      live: "The session is still running",
      complete: "Recorded to its end; nothing is missing",
      incomplete: "Part of the recording is missing",
      killed: "The recorder was killed",
      interrupted: "The recorder stopped before the session ended",
      abandoned: "The host went quiet and never said how the session ended",
      damaged: "The host’s copy was corrupted before it arrived",
      tampered: "The host’s copy was altered, and the recorded person could have done it",
      silent: (since) => `Nothing heard from the host since ${since}`,
      gaps: (count) => `${count} ${count === 1 ? "stretch is" : "stretches are"} missing`,
    },
  },

  trust: {
    trusted: "Trusted",
    "self-reported": "Self-reported",
    tips: {
      trusted: "Recorded with rights that the recorded person does not have",
      "self-reported": "Recorded with the recorded person’s own rights, so they could have altered it",
    },
  },

  player: {
    page: "Player",
    on: "on",
    back: "Recordings",
    screen: "Recorded terminal",
    stage: "Screen of the recording",
    controls: "Controls",
    play: "Play",
    pause: "Pause",
    start: "Go to start",
    end: "Go to end",
    stepBack: "Step back",
    stepForward: "Step forward",
    back5: "Back 5 seconds",
    forward5: "Forward 5 seconds",
    speed: "Speed",
    slower: "Slower",
    faster: "Faster",
    speedOf: (speed) => (speed < 1 ? `×1/${1 / speed}` : `×${speed}`),
    skipIdle: "Skip idle time",
    skipIdleShort: "Skip idle",
    keystrokes: "Show keystrokes",
    keystrokesShort: "Keystrokes",
    noKeystrokes: "Keystrokes were not recorded",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fit: "Fit to window",
    fitted: "Fit",
    zoomed: (percent) => `${percent} %`,
    pan: "Drag to move",
    full: "Full screen",
    help: "Keyboard shortcuts",
    link: "Copy link to this moment",
    linkShort: "Copy link",
    linked: "Link copied.",
    linkFallback: "Link to this moment",
    info: "Details",
    save: "Export",
    history: "Scroll back",
    historyShort: "Scroll back",
    historyLabel: "Lines above the screen",
    historyNone: "Nothing has scrolled off the screen yet.",
    historyFull: "A full-screen program is running: there is nothing to scroll back to.",
    historyClose: "Back to the screen",
    live: "Live",
    goLive: "Go live",
    reconnecting: "Reconnecting…",
    waiting: "Loading…",
    goTo: "Go to time",
    /** What is wrong with a typed place; each is given the recording's duration. */
    badPlace: {
      unreadable: () => "Not a time. Try 90, 1:30, 1h2m or the time on the host’s clock, such as 14:05:00.",
      beyond: (total) => `The recording ends at ${total}.`,
      outside: () => "The host’s clock did not show that time during this recording.",
    },
    elapsed: "Elapsed",
    wall: "Time on the host's clock, in your zone",
    position: (elapsed, total, wall) => `${elapsed} of ${total}, ${wall}`,
    timeline: "Timeline",
    endSession: "End session",
    endTitle: "End this session?",
    endBody: (user, host) => `${user} on ${host} will be logged out at once, and everything running in the session stops. This action is audited.`,
    endConfirm: "End session",
    endAsked: "Ending the session…",
    cancel: "Cancel",
    close: "Close",
    notFound: "There is no such recording, or you may not see it.",
    forbidden: "You may not see this recording.",
    onlyInput: "Only keystrokes were recorded; the screen stays empty.",
    gapNow: (why) => `Missing here: ${why}`,
    endedLive: (why) => `The session ended: ${why}.`,
    noTerminal: "The terminal could not be loaded. Reload the page.",
    marksTitle: "Marks",
    noMarks: "None",
    said: {
      playing: "Playing", paused: (at) => `Paused at ${at}`, speed: (speed) => `Speed ${speed}`,
      skipping: "Skipping idle time", notSkipping: "Not skipping idle time",
    },
  },

  marks: {
    resize: (columns, rows) => `Window ${columns}×${rows}`,
    gap: (why) => `Gap: ${why}`,
    masked: "Masked input",
    clock: (difference) => `Clock set ${difference}`,
    end: (why) => `End: ${why}`,
  },

  /** Why something is missing, and how sessions end: the words of recordings, as sentences. */
  reasons: {
    limit: "the rate limit left it out", sink: "it could not be written", "too long": "the log took no entry of that size",
    budget: "the host had no room left for it", undelivered: "a program went on writing when the session ended",
    damaged: "bytes on the host were damaged", sync: "what was written may not outlast a power cut",
    "given up": "freed before the centre had it",
    exit: "the shell ended", hangup: "the line was hung up", ended: "ended by an administrator",
    killed: "the recorder was killed", stalled: "the recorder did not answer", "host-down": "the host went down",
    failed: "recording failed", tampered: "the recording was tampered with",
  },

  info: {
    id: "Recording", user: "User", host: "Host", start: "Start", end: "End", duration: "Duration", size: "Size",
    messages: "Messages", state: "State", ended: "Ended", exit: "Exit status", signal: "Signal", trust: "Trust", terminal: "Terminal",
    tty: "Line", command: "Command", window: "Window", gaps: "Gaps", input: "Keystrokes",
    clock: "Host's clock", skew: (span, isAhead) => `${span} ${isAhead ? "ahead of" : "behind"} the centre's`,
    yes: "Recorded", no: "Not recorded",
  },

  exports: { tlog: "Messages (tlog JSON)", raw: "Raw output", text: "Plain text", asciicast: "asciicast" },

  keys: {
    title: "Keyboard shortcuts",
    toggle: "Play or pause",
    back5: "5 seconds back", forward5: "5 seconds forward",
    backTenth: "10 % back", forwardTenth: "10 % forward",
    stepBack: "Step back", stepForward: "Step forward",
    start: "Start", end: "End",
    tenths: "To 0 %, 10 % … 90 %",
    goToTyped: "Go to a typed time, say 90G or 1:30G",
    goTo: "Type a time to go to",
    slower: "Half speed", faster: "Double speed", normal: "Normal speed",
    previousMark: "Previous mark", nextMark: "Next mark",
    idle: "Skip idle time", keystrokes: "Show keystrokes",
    zoomIn: "Zoom in", zoomOut: "Zoom out", fit: "Fit to window", pan: "Drag to move",
    history: "Scroll back", full: "Full screen", live: "Go live", link: "Copy link", help: "This help",
    space: "Space",
  },

  /** Names of keys in the keystroke overlay. */
  keyNames: {
    "\r": "Enter", "\n": "Enter", "\t": "Tab", "\u001b": "Esc", "\u007f": "Backspace", "\b": "Backspace", " ": "Space",
    "\u001b[A": "↑", "\u001b[B": "↓", "\u001b[C": "→", "\u001b[D": "←",
    "\u001bOA": "↑", "\u001bOB": "↓", "\u001bOC": "→", "\u001bOD": "←",
    "\u001b[H": "Home", "\u001b[F": "End", "\u001b[1~": "Home", "\u001b[4~": "End", "\u001bOH": "Home", "\u001bOF": "End",
    "\u001b[2~": "Insert", "\u001b[3~": "Delete", "\u001b[5~": "Page up", "\u001b[6~": "Page down", "\u001b[Z": "Shift+Tab",
    "\u001bOP": "F1", "\u001bOQ": "F2", "\u001bOR": "F3", "\u001bOS": "F4", "\u001b[15~": "F5", "\u001b[17~": "F6",
    "\u001b[18~": "F7", "\u001b[19~": "F8", "\u001b[20~": "F9", "\u001b[21~": "F10", "\u001b[23~": "F11", "\u001b[24~": "F12",
  },
  keyControl: (letter) => `Ctrl+${letter}`,
  keyAlt: (name) => `Alt+${name}`,
};

/** The sentence for a word of a recording, or the word. */
export function reason(word) {
  return text.reasons[word] ?? word;
}
