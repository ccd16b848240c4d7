import Access
import HTTPTypes
import Hummingbird
import NIOCore

/// One route: who may use it, what it takes and gives, and what does it. The router and the OpenAPI document are made
/// from the same list, so that neither knows a route that the other does not.
struct Route: Sendable {
  enum Rights: Sendable, Equatable {
    case anybody
    /// A host with a certificate of this centre.
    case host
    /// Somebody with at least this role. Of a recording, a viewer must be allowed to see it.
    case role(AccessRole)
  }

  struct Parameter: Sendable {
    enum Kind: Sendable {
      case text
      case time
      case number(ClosedRange<Int>)
      case words([String])
    }

    let name: String
    let kind: Kind
    let description: String

    init(_ name: String, _ kind: Kind, _ description: String) {
      self.name = name
      self.kind = kind
      self.description = description
    }
  }

  enum Body: Sendable {
    case json(String)
    case lines
  }

  enum Answer: Sendable {
    /// A schema of ``OpenAPI``.
    case json(String)
    case content(String, String)
    case empty(HTTPResponse.Status)
  }

  let method: HTTPRequest.Method
  /// Parameters in braces, as OpenAPI writes them.
  let path: String
  let summary: String
  let rights: Rights
  var parameters: [Parameter] = []
  var body: Body?
  let answer: Answer
  /// Whether an answer that lasts keeps a session from ending for want of use.
  let isUse: Bool
  let handle: @Sendable (Routes, Ask) async throws -> Response

  init(
    _ method: HTTPRequest.Method, _ path: String, _ rights: Rights, _ summary: String, parameters: [Parameter] = [],
    body: Body? = nil, answer: Answer, isUse: Bool = true,
    _ handle: @escaping @Sendable (Routes, Ask) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.rights = rights
    self.summary = summary
    self.parameters = parameters
    self.body = body
    self.answer = answer
    self.isUse = isUse
    self.handle = handle
  }

  /// The last word of an answer that breaks off because its asker's rights have changed, where its form has one.
  var farewell: ByteBuffer? {
    guard case .content(EventStream.contentType, _) = answer else { return nil }
    return EventStream.rightsChanged
  }

  /// As the router wants it.
  var routerPath: RouterPath { RouterPath(path.replacing("{", with: ":").replacing("}", with: "")) }
}

/// A request, with whoever asks.
struct Ask: Sendable {
  let request: Request
  let context: CentreContext
  /// nil where anybody may ask, and for hosts.
  let person: Person?

  var query: Query { Query(request) }
}
