extension Message {
  /// Takes from `fields` what the message says about itself, and looks whether all that it must have is there, in the
  /// order in which tlog looks.
  init(_ fields: borrowing MessageFields) throws(MessageError) {
    version = try fields.version()
    host = try fields.text(.host)
    recording = try fields.optionalText(.recording)
    user = try fields.text(.user)
    terminal = try fields.text(.terminal)
    session = UInt32(clamping: try fields.number(.session, 1...Int64(UInt32.max)))
    sequence = try fields.number(.sequence, 0...Int64.max)
    milliseconds = try fields.number(.milliseconds, 0...Int64(MessageReader.millisecondsMax))
    wallClockMilliseconds = try fields.time()
    _ = try fields.text(.timing)
    _ = try fields.optionalText(.inputText)
    try fields.array(.inputBinary)
    _ = try fields.optionalText(.outputText)
    try fields.array(.outputBinary)
    kind = version.isExtended ? try Kind(fields) : .data
    previous = version.isExtended ? try fields.optionalText(.previous) : nil
    spoolOffset = version.isExtended ? try fields.optionalNumber(.spoolOffset, 0...Int64.max) : nil
  }
}

extension Message.Kind {
  fileprivate init(_ fields: borrowing MessageFields) throws(MessageError) {
    guard let name = try fields.optionalText(.kind) else {
      self = .data
      return
    }
    if name.equals("start") {
      self = .start(try SessionStart(fields))
    } else if name.equals("gap") {
      self = .gap(try Loss(fields))
    } else if name.equals("end") {
      self = .end(try Message.End(fields))
    } else {
      self = .other(name)
    }
  }
}

extension SessionStart {
  fileprivate init(_ fields: borrowing MessageFields) throws(MessageError) {
    let ids = 0...Int64(UInt32.max)
    self.init(
      user: UInt32(clamping: try fields.number(.uid, ids)),
      loginUser: UInt32(clamping: try fields.number(.loginUID, ids)),
      parent: try fields.text(.parent).array,
      terminal: try fields.text(.tty).array,
      command: try fields.text(.command).array,
      trust: try fields.text(.trust).array,
      terminalGuard: try fields.text(.terminalGuard).array)
  }
}

extension Loss {
  fileprivate init(_ fields: borrowing MessageFields) throws(MessageError) {
    self.init(
      fromMilliseconds: try fields.memberNumber("from", of: .lost),
      toMilliseconds: try fields.memberNumber("to", of: .lost),
      byteCount: try fields.memberNumber("bytes", of: .lost),
      why: try fields.memberText("why", of: .lost).array)
  }
}

extension Message.End {
  fileprivate init(_ fields: borrowing MessageFields) throws(MessageError) {
    outcome = try SessionEnd.Outcome(fields)
    why = SessionEnd.Why(named: try fields.text(.why))
    inputByteCount = try fields.number(.inputByteCount, 0...Int64.max)
    outputByteCount = try fields.number(.outputByteCount, 0...Int64.max)
    transfer = try fields.object(.transfer)
  }
}

extension SessionEnd.Outcome {
  fileprivate init(_ fields: borrowing MessageFields) throws(MessageError) {
    let code = try fields.optionalNumber(.exit, 0...255)
    let number = try fields.optionalNumber(.signal, 1...127)
    switch (code, number) {
    case (nil, nil): self = .unknown
    case (let code?, nil): self = .exit(code: UInt8(clamping: code))
    case (nil, let number?): self = .signal(number: UInt8(clamping: number))
    // A program that a signal ended has no exit code: one of the two is not true.
    default: throw fields.error(.value, .signal)
    }
  }
}

extension SessionEnd.Why {
  fileprivate init?(named name: JSONText) { self.init(where: { name.equals($0) }) }

  /// The one with this name; nil where none has it.
  package init?(named name: [UInt8]) { self.init(where: { name == bytes($0) }) }

  private init?(where isItsName: (StaticString) -> Bool) {
    var rawValue: UInt8 = 1
    while let why = SessionEnd.Why(rawValue: rawValue) {
      if isItsName(why.name) {
        self = why
        return
      }
      rawValue &+= 1
    }
    return nil
  }
}
