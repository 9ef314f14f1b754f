import Testing

@testable import EdgeServer

@Suite struct ChangeDebouncerTests {
    /// The times of `asked` at which a debouncer fires when changes come at the times of `changes`.
    private func fired(changes: [UInt64], asked: [UInt64]) -> [UInt64] {
        var debouncer = ChangeDebouncer(settle: 30, maximum: 300)
        var fired: [UInt64] = []
        for now in Set(changes + asked).sorted() {
            if changes.contains(now) { debouncer.noteChange(at: now) }
            if asked.contains(now), debouncer.fire(at: now) { fired.append(now) }
        }
        return fired
    }

    @Test func waitsUntilChangesSettle() {
        #expect(self.fired(changes: [], asked: [0, 1_000]) == [])
        #expect(self.fired(changes: [1_000], asked: [1_000, 1_029, 1_030, 1_031]) == [1_030])
        #expect(self.fired(changes: [1_000, 1_020], asked: [1_030, 1_049, 1_050, 1_051, 2_000]) == [1_050])
    }

    @Test func firesDuringAStormOnceInMaximum() {
        let times = Array(stride(from: UInt64(0), through: 1_000, by: 10))
        #expect(self.fired(changes: times, asked: times) == [300, 610, 920])
    }

    @Test func beginsAnewAfterFiring() {
        #expect(self.fired(changes: [0, 501], asked: [500, 530, 531]) == [500, 531])
    }

    @Test func hasADeadlineWhileSomethingWaits() {
        var debouncer = ChangeDebouncer(settle: 30, maximum: 300)
        #expect(debouncer.deadline == nil)
        debouncer.noteChange(at: 1_000)
        #expect(debouncer.deadline == 1_030)
        debouncer.noteChange(at: 1_290)
        #expect(debouncer.deadline == 1_300)
        _ = debouncer.fire(at: 1_300)
        #expect(debouncer.deadline == nil)
    }
}
