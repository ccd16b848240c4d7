import Playback
import TestSupport
import Testing

/// What keys come to when they are typed as given.
private func actions(_ keys: String) -> [Controls.Action] {
  var controls = Controls()
  return keys.utf8.compactMap { controls.received($0) }
}

@Suite("Keys")
struct ControlsTests {
  @Test(
    "tlog's keys mean what they mean to tlog",
    arguments: [
      (" ", Controls.Action.pause), ("p", .pause), ("}", .faster), ("{", .slower), ("\u{7f}", .normalSpeed),
      (".", .step), ("G", .goto(.end)), ("q", .quit),
    ])
  func known(key: String, action: Controls.Action) { #expect(actions(key) == [action]) }

  @Test(
    "keys that tlog lacks go back, search, skip and pan",
    arguments: [
      ("\u{1b}[C", Controls.Action.move(5000)), ("\u{1b}OD", .move(-5000)), (",", .stepBack),
      ("g", .goto(.milliseconds(0))), ("n", .searchNext), ("N", .searchPrevious), ("i", .skipIdle), ("?", .help),
      ("s", .status), ("h", .pan(-8, 0)), ("j", .pan(0, 4)), ("k", .pan(0, -4)), ("l", .pan(8, 0)),
    ])
  func new(key: String, action: Controls.Action) { #expect(actions(key) == [action]) }

  @Test(
    "digits and colons before G are a time",
    arguments: [("30G", 30_000), ("2::G", 7_200_000), ("1:30G", 90_000), ("0G", 0)] as [(String, UInt64)])
  func time(keys: String, milliseconds: UInt64) {
    #expect(actions(keys).last == .goto(.milliseconds(milliseconds)))
  }

  @Test("any other key clears the typed time")
  func cleared() { #expect(actions("30xG").last == .goto(.end)) }

  @Test("a text behind / is searched for on return, edited by backspace, and given up by ESC")
  func search() {
    #expect(actions("/aqc\u{7f}b\r").last == .search(Array("aqb".utf8)))
    var controls = Controls()
    for byte in "/ab\u{1b}".utf8 { _ = controls.received(byte) }
    #expect(controls.isWaiting)
    #expect(controls.expire() == .typing)
    #expect(controls.typed == nil)
    #expect(controls.received(UInt8(ascii: "q")) == .quit)
  }

  @Test(
    "what a terminal answers is no key, however it is split",
    arguments: [
      "\u{1b}[?62;22c", "\u{1b}[24;80R", "\u{1b}]11;rgb:qqqq/pppp/GGGG\u{07}", "\u{1b}P1$r0 q\u{1b}\\",
      "\u{1b}[M qq", "\u{1b}[<0;10;20M", "\u{1b}_Gi=1;OK\u{1b}\\", "\u{1b}[I",
    ])
  func answers(text: String) {
    #expect(actions(text) == [])
    #expect(actions(text + "q") == [.quit])
  }

  @Test("random bytes never trap, and leave keys that work after an answer's end")
  func random() {
    var numbers = SeededNumbers()
    for _ in 0..<2000 {
      var controls = Controls()
      for _ in 0..<numbers.below(60) { _ = controls.received(UInt8(numbers.below(256))) }
      for byte in "\u{07}\u{1b}\\\u{1b}\\mmmmm".utf8 { _ = controls.received(byte) }
      _ = controls.expire()
      #expect((controls.typed?.count ?? 0) <= 65)
    }
  }
}
