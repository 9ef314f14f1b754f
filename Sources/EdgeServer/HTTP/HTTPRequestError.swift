/// Why a request was refused before it reached the application. Holds no byte of the request.
struct HTTPRequestError: Error, Equatable {
    enum Code: Equatable {
        case emptyRequestLine
        case malformedRequestLine
        case invalidMethod
        case invalidTarget
        case invalidVersion
        case bareLineFeed
        case foldedField
        case missingColon
        case invalidFieldName
        case spaceBeforeColon
        case invalidFieldValue
        case missingHost
        case repeatedHost
        case invalidHost
        case invalidContentLength
        case repeatedContentLength
        case conflictingLengths
        case invalidTransferEncoding
        case malformedChunk
        case requestTimeout
        case bodyTooLarge
        case requestLineTooLong
        case unknownExpectation
        case headTooLarge
        case unsupportedMethod
        case unsupportedTransferEncoding
        case unsupportedVersion
        case overloaded
        case addressOverloaded
        case inputOverloaded
        case outputOverloaded
    }

    let code: Code

    init(_ code: Code) {
        self.code = code
    }

    /// The status code of the answer.
    var status: Int {
        switch self.code {
        case .requestTimeout: 408
        case .bodyTooLarge: 413
        case .requestLineTooLong: 414
        case .unknownExpectation: 417
        case .headTooLarge: 431
        case .unsupportedMethod, .unsupportedTransferEncoding: 501
        case .overloaded, .addressOverloaded, .inputOverloaded, .outputOverloaded: 503
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// The `outcome` member of the answer's problem document.
    var outcome: StaticString {
        switch self.status {
        case 408: "request_timeout"
        case 413: "content_too_large"
        case 414: "uri_too_long"
        case 417: "expectation_failed"
        case 431: "header_fields_too_large"
        case 501: "not_implemented"
        case 503: "overloaded"
        case 505: "http_version_not_supported"
        default: "bad_request"
        }
    }

    /// What was wrong and where, for the author of the client.
    var detail: StaticString {
        switch self.code {
        case .emptyRequestLine: "The request line is empty."
        case .malformedRequestLine:
            "The request line is not a method, a target and a version with one space between each."
        case .invalidMethod: "The method in the request line is not a token."
        case .invalidTarget: "The target in the request line is not a path, an http URL, or * with OPTIONS."
        case .invalidVersion: "The version in the request line is not of the form HTTP/1.1."
        case .bareLineFeed: "A line ends in LF without CR."
        case .foldedField: "A header line begins with white space; folded header fields are not accepted."
        case .missingColon: "A header field has no colon."
        case .invalidFieldName: "The name of a header field is not a token."
        case .spaceBeforeColon: "A header field has white space between its name and its colon."
        case .invalidFieldValue: "The value of a header field holds a control character."
        case .missingHost: "An HTTP/1.1 request needs a host field."
        case .repeatedHost: "The request has more than one host field."
        case .invalidHost: "The host of the request is not a host name or address with an optional port."
        case .invalidContentLength: "The content-length field is not one decimal number."
        case .repeatedContentLength: "The request has more than one content-length field."
        case .conflictingLengths: "The request has both content-length and transfer-encoding."
        case .invalidTransferEncoding: "The transfer-encoding does not tell where the body ends."
        case .malformedChunk: "The chunked body is malformed."
        case .requestTimeout: "The request did not arrive in time."
        case .bodyTooLarge: "The request body is larger than this server accepts."
        case .requestLineTooLong: "The request line is longer than this server accepts."
        case .unknownExpectation: "The only expectation this server meets is 100-continue."
        case .headTooLarge: "The header or trailer fields are larger or more than this server accepts."
        case .unsupportedMethod: "This server is no proxy: CONNECT is not implemented."
        case .unsupportedTransferEncoding: "The only transfer-encoding this server implements is chunked."
        case .unsupportedVersion: "This server speaks HTTP/1.1 and HTTP/1.0 here."
        case .overloaded: "This server has too many open connections."
        case .addressOverloaded: "This server has too many open connections from this address."
        case .inputOverloaded: "This server has no memory left for requests."
        case .outputOverloaded: "This server has no memory left for responses that wait for slow clients."
        }
    }
}
