extension ProgramProse {
  static let play = ProgramProse(
    purpose: "play what was recorded on a terminal",
    synopsis: ".Nm\n.Op Ar option ...",
    description: """
      plays a recording that tlog-rec or tlog-rec-session made, or tlog's programs of the same names: on a terminal, at the \
      speed at which it was recorded, forwards and back.

      A terminal is painted from what the recording makes of a screen, which keeps its recorded size; recorded bytes never \
      reach it. One that is larger shows the screen in its corner, one that is smaller a part of it. When playback has come \
      to its end, the last screen stays on the terminal as plain lines.

      Where standard output is no terminal, it gets the recorded output as it is, with the recorded timing, and at its end \
      what resets a terminal, as with tlog.

      Keys: space and p pause. } and { double and halve the speed, up to 16 and down to 1/16, and DEL makes it 1. "." shows \
      the next event at once, "," goes back before the last one. The arrows to the right and left go five seconds on and \
      back. "g" goes to the start, "G" to the end, and "G" behind a time such as 30 or 2:00:00 to that time. "/" searches for \
      text that comes onto the screen, "n" and "N" go on, forwards and back. "i" skips idle time. "h", "j", "k" and "l" move \
      a screen that the terminal is too small for. "s" hides and shows the status line, "?" shows the keys, "q" quits.
      """,
    optionsNote: """
      Long options may be cut short as long as they are told from the others. Options override the configuration. There are \
      no arguments beside them.
      """,
    variables: [("Ev TZ", "The time zone in which dates and times are shown.")],
    exitStatus: """
      0 when the recording was played, or quit; 1 when it could not be read, its output could not be written, or the \
      program was called in a wrong way. It ends by SIGPIPE when whoever reads its output is gone.
      """,
    examples: [
      ("Play a file:", "tlog-play --file-path=/tmp/session.log"),
      (
        "See what recordings a file holds, and play one of them:",
        "tlog-play --list -i /var/log/tlog/sessions.log\ntlog-play -i /var/log/tlog/sessions.log -m RECORDING"
      ),
      (
        "Play a recording of the journal while it is made:",
        "tlog-play --reader=journal --follow --journal-match=TLOG_REC=RECORDING"
      ),
      ("Read what was on the screen:", "tlog-play --text -i /tmp/session.log"),
    ],
    sibling: "tlog-rec-session",
    relative: "scriptreplay",
    events: """
      SIGINT, SIGTERM, SIGHUP and SIGQUIT end the program, which leaves the terminal as it found it and dies of the same \
      signal. Stopped (SIGTSTP), it gives the terminal back until it is continued.
      """,
    configurationExample: ("Let nobody quit:", "{ \"persist\": true }"),
    compatibility: """
      Options, configuration, errors and exit status are those of tlog 12, and so is what is written to a file or a pipe. It \
      differs on a terminal, which it paints; in that it goes back; and in that Elasticsearch is not read.
      """,
    security: """
      A recording holds what somebody else\'s programs wrote, which may be meant to attack who looks at it. A terminal gets \
      none of it as it is: what is painted is made anew from the screen\'s cells, and with --raw a list says what may pass. \
      --unsafe lets everything pass, and so does a pipe into a program that writes to a terminal.
      """)
}
