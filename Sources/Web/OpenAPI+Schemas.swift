import API
import Events

/// What requests and answers look like. Every name that a route uses is here; a test compares answers with them.
extension OpenAPI {
  private static let text: JSON = ["type": "string"]
  private static let count: JSON = ["type": "integer", "minimum": .number(0)]
  private static let difference: JSON = ["type": "integer"]
  private static let role: JSON = ["type": "string", "enum": ["admin", "auditor", "viewer"]]
  private static let time: JSON = ["type": "string", "format": "date-time"]

  private static func object(_ required: [String: JSON], optional: [String: JSON] = [:]) -> JSON {
    [
      "type": "object", "properties": .object(required.merging(optional) { $1 }),
      "required": .array(required.keys.sorted().map { .string($0) }),
    ]
  }

  /// Runs of characters that look alike. Colours are numbers of the 256, or `#rrggbb`.
  private static let styledLine = list(
    of: object(["text": text], optional: ["fg": text, "bg": text, "attributes": list(of: text)]))

  private static func list(of element: JSON) -> JSON { ["type": "array", "items": element] }

  static let schemas: [String: JSON] = [
    "Problem": object(["error": text, "why": text], optional: ["line": count]),
    "EnrolmentRequest": object(["token": text, "host": text, "csr": text, "ledger_key": text]),
    "RenewalRequest": object(["csr": text]),
    "CertificateAnswer": object(["certificate": text]),
    "BatchAnswer": object(["answers": list(of: reference("RecordingAnswer"))]),
    "RecordingAnswer": object(
      [
        "rec": text, "status": ["type": "string", "enum": ["held", "conflict", "refused"]],
        "head": reference("Head"),
      ], optional: ["why": text, "retry_after": count]),
    "Head": object(["seq": count, "hash": text, "off": count]),
    "HeadsRequest": object([
      "heads": [
        "type": "array", "items": reference("RecordingHead"), "maxItems": .number(HeadsRequest.countMax),
      ]
    ]),
    "HeadsAnswer": object(["start": text, "behind": list(of: reference("RecordingHead"))]),
    "RecordingHead": object(["rec": text, "head": reference("Head")]),
    "LedgerSubmission": object(["entry": text, "signature": text]),
    "LedgerAnswer": object(["status": ["type": "string", "enum": ["held", "fork"]], "n": count]),
    "IncidentPage": object(
      ["incidents": list(of: object(["at": time, "host": text, "what": text]))], optional: ["next": text]),
    "Orders": object(["end": list(of: text)]),
    "SessionRequest": object([:], optional: ["link": text, "user": text, "password": text]),
    "SessionAnswer": object(
      ["name": text, "role": role],
      optional: ["csrf": text, "ends": time]),
    "AccountRequest": object(
      ["password": text, "role": role],
      optional: ["hosts": list(of: text), "users": list(of: text)]),
    "AccountList": object(["users": list(of: reference("Account")), "tokens": list(of: reference("Account"))]),
    "Account": object(["name": text, "role": text, "hosts": list(of: text), "users": list(of: text), "made": time]),
    "AuditPage": object(["entries": list(of: reference("AuditEntry"))], optional: ["next": text]),
    "AuditEntry": object(
      [
        "at": time, "who": text,
        "what": ["type": "string", "enum": .array(AuditEntry.What.allCases.map { .string($0.rawValue) })],
      ], optional: ["recording": text, "from": count, "account": text]),
    "Hosts": list(
      of: object(
        ["name": text, "state": text, "enrolled": time, "live": count],
        optional: ["seen": time, "clock_ms": difference])),
    "Names": object(["users": list(of: text), "hosts": list(of: text)]),
    "RecordingPage": object(["recordings": list(of: reference("RecordingSummary"))], optional: ["next": text]),
    "RecordingSummary": object(
      [
        "id": text, "rec": text, "host": text, "user": text, "start": time, "end": time, "duration_ms": count,
        "state": ["type": "string", "enum": .array(RecordingState.allCases.map { .string($0.rawValue) })],
        "bytes": count, "messages": count,
        "trust": text, "term": text, "tty": text, "cmd": text, "columns": count, "rows": count, "gaps": count,
        "has_input": ["type": "boolean"],
      ], optional: ["why": text, "exit": count, "signal": count, "silent": time, "clock_ms": difference]),
    "Activity": object([
      "duration_ms": count, "bucket_ms": count, "output": list(of: count), "input": list(of: count),
      "marks": list(
        of: object(
          ["ms": count, "kind": ["type": "string", "enum": ["resize", "gap", "masked", "clock", "end"]]],
          optional: ["columns": count, "rows": count, "why": text, "by_ms": difference])),
    ]),
    "Keyframe": object([
      "seq": count, "ms": count, "events": count, "output": count, "columns": count, "rows": count, "dump": text,
    ]),
    "Scrollback": object([
      "lines": list(of: styledLine), "screen": list(of: styledLine), "full_screen": ["type": "boolean"],
    ]),
    "Events": object(
      [
        // Each is [milliseconds, "o", "i", "r" or "g", text].
        "events": list(of: ["type": "array", "minItems": .number(3), "maxItems": .number(3)]),
        "position": text, "live": ["type": "boolean"], "duration_ms": count,
      ],
      optional: [
        "keyframe": object(["ms": count, "columns": count, "rows": count, "data": text]), "next": count,
      ]),
  ]
}
