import Access
import HTTPTypes

/// The description of the routes in the form of OpenAPI 3.1, made from the list that the router is made from.
enum OpenAPI {
  static var document: JSON {
    var paths: [String: [String: JSON]] = [:]
    for route in Routes.all { paths[route.path, default: [:]][route.method.rawValue.lowercased()] = operation(route) }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Steno", "version": "1",
        "description":
          "What a centre of Steno answers. Times are RFC 3339, UTC; durations and places are milliseconds.",
      ],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": [
        "schemas": .object(schemas),
        "securitySchemes": [
          "token": ["type": "http", "scheme": "bearer"],
          "cookie": ["type": "apiKey", "in": "cookie", "name": "__Host-steno"],
          "host": ["type": "mutualTLS"],
        ],
      ],
    ]
  }

  private static let pathParameters: [(String, JSON)] = [
    ("id", ["type": "string", "pattern": "^[a-z2-7]{4,16}$"]),
    ("release", ["type": "string", "minLength": .number(1)]),
    ("name", ["type": "string", "minLength": .number(1)]),
    ("user", ["type": "string", "pattern": "^[A-Za-z0-9._@-]{1,64}$"]),
  ]

  private static func operation(_ route: Route) -> JSON {
    var operation: [String: JSON] = ["summary": .string(route.summary)]
    var parameters = route.parameters.map { parameter($0) }
    for (name, schema) in pathParameters where route.path.contains("{\(name)}") {
      parameters.append(["name": .string(name), "in": "path", "required": true, "schema": schema])
    }
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    switch route.body {
    case .json(let schema):
      operation["requestBody"] = ["required": true, "content": ["application/json": ["schema": reference(schema)]]]
    case .lines:
      operation["requestBody"] = [
        "required": true, "content": ["application/x-ndjson": ["schema": ["type": "string"]]],
      ]
    case nil: break
    }
    operation["responses"] = .object(responses(route))
    switch route.rights {
    case .anybody: operation["security"] = .array([])
    case .host: operation["security"] = [["host": .array([])]]
    case .role(let role):
      operation["security"] = [["token": .array([])], ["cookie": .array([])]]
      operation["description"] = .string("Needs the role \(role.rawValue) or one that may do more.")
    }
    return .object(operation)
  }

  private static func responses(_ route: Route) -> [String: JSON] {
    let problem: JSON = [
      "description": "Not done: why.", "content": ["application/json": ["schema": reference("Problem")]],
    ]
    var responses: [String: JSON] = ["default": problem]
    switch route.answer {
    case .json(let schema):
      responses["200"] = [
        "description": .string(route.summary), "content": ["application/json": ["schema": reference(schema)]],
      ]
    case .content(let type, let description):
      // What an export is depends on its form.
      let isOfAnyType = type == "application/octet-stream"
      responses["200"] = [
        "description": .string(description), "content": .object([isOfAnyType ? "*/*" : type: .object([:])]),
      ]
    case .empty(let status): responses[String(status.code)] = ["description": "Done."]
    }
    if route.path.hasPrefix("/assets") || !route.path.hasPrefix("/v1") {
      responses["304"] = ["description": "As the ETag says."]
      responses["404"] = ["description": "No such file."]
    }
    return responses
  }

  private static func parameter(_ parameter: Route.Parameter) -> JSON {
    let schema: JSON =
      switch parameter.kind {
      case .text: ["type": "string"]
      case .time: ["type": "string", "examples": ["2026-11-25T09:00:00Z", "2026-11-25", "yesterday", "2h"]]
      case .number(let range):
        ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
      case .words(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
      }
    return [
      "name": .string(parameter.name), "in": "query", "description": .string(parameter.description), "schema": schema,
    ]
  }

  static func reference(_ schema: String) -> JSON { ["$ref": .string("#/components/schemas/\(schema)")] }
}

/// JSON put together in the program.
indirect enum JSON: Encodable, Sendable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
  case string(String)
  case number(Int)
  case boolean(Bool)
  case array([JSON])
  case object([String: JSON])

  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .boolean(value) }
  init(arrayLiteral elements: JSON...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .boolean(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
