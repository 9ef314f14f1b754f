import NIOCore
import Testing

@testable import EdgeServer

@Suite("Budgets of a listener")
struct BudgetTests {
    private static func address(_ text: String) throws -> PeerAddress? {
        PeerAddress(try SocketAddress(ipAddress: text, port: 1))
    }

    private static func state(_ charge: borrowing ByteCharge) -> (bytes: Int, isFull: Bool, isExceeded: Bool) {
        (charge.bytes, charge.isFull, charge.isExceeded)
    }

    @Test func servesThenRefusesThenDrops() {
        let budget = ConnectionBudget(maximum: 1, maximumPerAddress: 1)
        var accounts = [budget.enter(nil)]
        #expect(accounts[0].verdict == .serve)
        for _ in 0..<ConnectionBudget.surplus {
            accounts.append(budget.enter(nil))
            #expect(accounts.last?.verdict == .refuse(.overloaded))
        }
        accounts.append(budget.enter(nil))
        #expect(accounts.last?.verdict == .drop)
        for entry in accounts { budget.leave(entry.account) }
        #expect(budget.enter(nil).verdict == .serve)
    }

    @Test func oneAddressLeavesRoomForTheOthers() throws {
        let budget = ConnectionBudget(maximum: 1000, maximumPerAddress: 2)
        let greedy = try Self.address("192.0.2.1")
        let others = try (2...100).map { try Self.address("192.0.2.\($0)") }
        var entries = (0..<2).map { _ in budget.enter(greedy) }
        for entry in entries { #expect(entry.verdict == .serve) }
        for _ in 0..<ConnectionBudget.surplusPerAddress {
            entries.append(budget.enter(greedy))
            #expect(entries.last?.verdict == .refuse(.addressOverloaded))
        }
        entries.append(budget.enter(greedy))
        #expect(entries.last?.verdict == .drop)
        for other in others {
            entries.append(budget.enter(other))
            #expect(entries.last?.verdict == .serve)
        }
        #expect(budget.addressCount == 100)
        for entry in entries { budget.leave(entry.account) }
        #expect(budget.addressCount == 0)
        #expect(budget.enter(greedy).verdict == .serve)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("::ffff:192.0.2.1", "192.0.2.1", true),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ("::1", "0.0.0.0", false),
    ])
    func aNetworkOf64BitsIsOneAddress(one: String, other: String, isSame: Bool) throws {
        #expect((try Self.address(one) == Self.address(other)) == isSame)
    }

    @Test func aSocketOfTheFileSystemHasNoAddress() throws {
        #expect(PeerAddress(try SocketAddress(unixDomainSocketPath: "/x")) == nil)
        #expect(PeerAddress(nil) == nil)
    }

    @Test func chargesGoBackWhenTheyEnd() throws {
        let budget = ByteBudget(.input, maximum: 1000, largest: 300)
        let account = PeerAccount(address: nil)
        do {
            var charge = ByteCharge(budget, account: account)
            charge.hold(200)
            charge.hold(300)
            #expect(Self.state(charge) == (300, true, false))
            #expect(budget.heldBytes == 300)
            charge.hold(301)
            #expect(Self.state(charge).isExceeded)
            let other = ByteCharge(budget, account: PeerAccount(address: nil))
            #expect(!Self.state(other).isFull)
            let moved = charge.split()
            #expect(Self.state(charge).bytes == 0 && Self.state(moved).bytes == 301)
            #expect(budget.heldBytes == 301)
        }
        #expect(budget.heldBytes == 0)
        #expect(account.inputBytes.load(ordering: .relaxed) == 0)
    }

    @Test func manyAddressesFillABudget() {
        let budget = ByteBudget(.output, maximum: 1000, largest: 1)
        var first = ByteCharge(budget, account: PeerAccount(address: nil))
        first.hold(501)
        #expect(budget.isPressed)
        var second = ByteCharge(budget, account: PeerAccount(address: nil))
        #expect(!Self.state(second).isFull)
        second.hold(499)
        let third = ByteCharge(budget, account: PeerAccount(address: nil))
        #expect(Self.state(third) == (0, true, false))
    }
}
