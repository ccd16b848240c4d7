/// How a message is tied to the one before it, once it leaves the host (format 2.4).
package struct MessageLink: Sendable {
  /// base64url of SHA-256 over the exact bytes of the line before, without its LF.
  package var previous: [UInt8]
  /// Bytes from the start of the spool file to the end of the message's last event.
  package var offset: UInt64

  package init(previous: [UInt8], offset: UInt64) {
    self.previous = previous
    self.offset = offset
  }
}

extension ByteBuilder {
  /// Appends the link's fields, each after a comma.
  mutating func append(_ link: MessageLink) {
    append(",\"prev\":")
    append(jsonString: link.previous)
    append(",\"off\":")
    append(decimal: link.offset)
  }
}
