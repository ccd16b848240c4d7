// All English of the pages.

export const text = {
  product: "Steno",
  recordings: "Recordings",
  skipToContent: "Skip to content",

  signIn: {
    title: "Sign in",
    again: "Your session has ended. Sign in to go on where you were.",
    user: "User",
    password: "Password",
    button: "Sign in",
    wrong: "User or password is wrong.",
    badLink: "This link is used up or too old. Sign in with a password, or ask for a new link.",
    tooMany: "Too many attempts. Wait a minute.",
    failed: (why) => `Signing in failed: ${why}.`,
    out: "Sign out",
    byLink: "signed in by a link",
  },

  theme: { label: "Colours", auto: "System", light: "Light", dark: "Dark" },

  status: {
    unreachable: "The centre does not answer. Trying again…",
    reachable: "The centre answers again.",
    failed: (why) => `That failed: ${why}`,
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
    timeHint: "yesterday, 2h, 2026-01-31 14:00",
    clear: "Clear",
    /** @param part What there is not of that number; `time` when it is none at all. */
    badTime: (part, number) => {
      const wrong = part === "time" ? "This is no time."
        : `There is no ${part} ${number}${part === "day" ? " in that month" : ""}.`;
      return `${wrong} Write 2026-01-31, 2026-01-31 14:00, 14:00, yesterday, 2h or 30m ago.`;
    },
    columns: {
      state: "State", user: "User", host: "Host", start: "Start", end: "End", duration: "Duration", bytes: "Size",
      trust: "Trust",
    },
    sortBy: (column, order) => `Sort by ${column.toLowerCase()}, ${order === "asc" ? "ascending" : "descending"}`,
    none: "No recordings match.",
    noneAtAll: "Nothing has been recorded yet.",
    loading: "Loading…",
    count: (count, isAll) => (isAll ? `${count} ${count === 1 ? "recording" : "recordings"}` : `${count} shown, more below`),
    live: (count) => `${count} live`,
    now: "now",
    open: (user, host, start) => `${user} on ${host}, ${start}`,
  },

  states: {
    live: "Live", complete: "Complete", incomplete: "Incomplete", killed: "Killed", interrupted: "Interrupted",
    abandoned: "Abandoned", damaged: "Damaged", tampered: "Tampered", gaps: "Gaps", silent: "No contact",
    tips: {
      live: "The session goes on",
      complete: "The recording came to its end, and nothing is missing",
      incomplete: "Something is missing",
      killed: "The recorder was killed",
      interrupted: "The recorder did not get to the end",
      abandoned: "Nothing says how it ended",
      damaged: "What the host kept of it is not what was written",
      tampered: "What the host kept of it was changed, and the recorded person could do that",
      silent: (since) => `The host says nothing since ${since}`,
      gaps: (count) => `${count === 1 ? "One stretch is" : `${count} stretches are`} missing`,
    },
  },

  trust: {
    trusted: "Trusted",
    "self-reported": "Self-reported",
    tips: {
      trusted: "Made by the recorder of the host, beyond the reach of the recorded person",
      "self-reported": "Made with the recorded person's own rights",
    },
  },

  player: {
    page: "Player",
    on: " on ",
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
    keystrokes: "Show keystrokes",
    noKeystrokes: "Keystrokes were not recorded",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fit: "Fit to window",
    fitted: "Fit",
    zoomed: (percent) => `${percent} %`,
    pan: "Drag to move",
    full: "Full screen",
    help: "Keys",
    link: "Copy link to this moment",
    linked: "Link copied.",
    linkFallback: "Link to this moment",
    info: "About this recording",
    save: "Export",
    history: "Scroll back",
    historyLabel: "Lines that left the screen",
    historyNone: "No lines have left the screen before this moment.",
    historyFull: "A full-screen program is on the screen: nothing to scroll back to.",
    historyClose: "Back to the screen",
    live: "Live",
    goLive: "Go live",
    reconnecting: "Reconnecting…",
    waiting: "Loading…",
    goTo: "Go to time",
    elapsed: "Elapsed",
    wall: "Time on the host's clock, in your zone",
    position: (elapsed, total, wall) => `${elapsed} of ${total}, ${wall}`,
    timeline: "Timeline",
    endSession: "End session",
    endTitle: "End this session?",
    endBody: (user, host) => `${user} on ${host} is logged out at once, and what runs in the session is stopped. That you did it is written down.`,
    endConfirm: "End session",
    endAsked: "The session is being ended.",
    cancel: "Cancel",
    close: "Close",
    notFound: "There is no such recording, or you may not see it.",
    forbidden: "You may not see this recording.",
    onlyInput: "Only keystrokes were recorded: the screen stays empty.",
    gapNow: (why) => `Missing here: ${why}`,
    endedLive: (why) => `The session ended: ${why}.`,
    unreadable: (why) => `This stretch cannot be read: ${why}`,
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
    title: "Keys",
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
