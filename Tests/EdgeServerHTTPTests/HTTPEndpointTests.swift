import Testing

@testable import EdgeServer

@Suite("Listen addresses")
struct HTTPEndpointTests {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("localhost:0", "localhost", 0),
        ("[::1]:65535", "::1", 65535),
    ])
    func parse(text: String, host: String, port: Int) throws {
        let endpoint = try HTTPEndpoint(parsing: text)
        #expect(endpoint == HTTPEndpoint(host: host, port: port))
        #expect(endpoint.description == text)
    }

    @Test(arguments: [
        "", "8080", ":8080", "localhost", "localhost:", "::1:80", "[::1]", "[]:80", "a:-1", "a:+1", "a:65536", "a:x",
        "http://a:80",
    ])
    func refuse(text: String) {
        let error = #expect(throws: HTTPListenerError.self) { try HTTPEndpoint(parsing: text) }
        #expect(error?.description.contains("'\(text)'") == true)
    }
}
