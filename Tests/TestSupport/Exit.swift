/// How a program ended.
package enum Exit: Equatable, Sendable {
  case status(Int32)
  case signal(Int32)

  init(waitStatus status: Int32) {
    self = status & 0x7f == 0 ? .status(status >> 8 & 0xff) : .signal(status & 0x7f)
  }
}
