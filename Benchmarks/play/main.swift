// bench-play FILE: how long going back takes in a recording, in milliseconds, one number a line: the median and the worst
// of steps back by one event, from 200 places all over it, once its keyframes are made; then the median of replays from
// the start that end at some of these places; then how long making the keyframes took.
//
// A step ends with a screen that is painted, as the player's does.

import Events
import Glibc
import Playback
import Readers

let placeCount: UInt64 = 200
/// Every so many of them are replayed to: a replay takes long.
let replayInterval: UInt64 = 40
let terminal = Window(columns: 80, rows: 24)

func milliseconds(_ work: () throws(ReadError) -> Void) throws(ReadError) -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  try work()
  return (clock.now - start) / .milliseconds(1)
}

func open(_ path: [UInt8]) throws(ReadError) -> RecordingReader {
  RecordingReader(try FileSource([path], follows: false), match: nil, isLax: false, follows: false)
}

/// A player without keys and clock.
struct Viewer: ~Copyable {
  let timeline: Timeline
  private var painter = Painter(terminal: terminal)
  private var output = ByteBuilder(capacity: 1 << 16)

  init(_ path: [UInt8]) throws(ReadError) {
    timeline = Timeline(try open(path), second: { () throws(ReadError) in try open(path) })
  }

  mutating func go(to place: Place) throws(ReadError) {
    try timeline.seek(to: place)
    output.clear()
    painter.paint(timeline.head.emulator, generation: timeline.head.generation, footer: [], into: &output)
  }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func measure(_ path: [UInt8]) throws(ReadError) {
  var viewer = try Viewer(path)
  let indexing = try milliseconds { () throws(ReadError) in
    while viewer.timeline.isIndexing { viewer.timeline.index() }
  }
  try viewer.go(to: .end)
  let eventCount = viewer.timeline.head.ordinal
  var steps: [Double] = []
  var replays: [Double] = []
  for number in 0..<placeCount {
    // In the middle of the parts, so that the last has somewhere to go back from.
    let place = eventCount * (2 * number + 1) / (2 * placeCount) + 1
    try viewer.go(to: .ordinal(place))
    steps.append(try milliseconds { () throws(ReadError) in try viewer.go(to: .ordinal(place - 1)) })
    guard number % replayInterval == replayInterval / 2 else { continue }
    var other = try Viewer(path)
    replays.append(try milliseconds { () throws(ReadError) in try other.go(to: .ordinal(place - 1)) })
  }
  for figure in [median(steps), steps.max() ?? 0, median(replays), indexing] { print(figure) }
}

guard CommandLine.arguments.count == 2 else { exit(2) }
do throws(ReadError) {
  try measure(Array(CommandLine.arguments[1].utf8))
} catch {
  _ = error.text.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  exit(1)
}
