import Testing

@testable import EdgeServer

struct RefusalGateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func oneRefusalASecondHasALine() {
        let gate = RefusalGate()
        let start = 50 * Self.second
        #expect(gate.pass(now: start) == 0)
        #expect((1...9).allSatisfy { gate.pass(now: start + $0 * Self.second / 10) == nil })
        #expect(gate.pass(now: start + Self.second) == 9, "the next line tells how many had none")
        #expect(gate.pass(now: start + Self.second) == nil)
        #expect(gate.pass(now: start + 5 * Self.second) == 1)
    }
}
