import EdgeIsolate
import Testing

@Test func smoke() throws {
    let run = try Worker.body("return echo(1, 'two', {3}), ...").run("x", 5)
    #expect(run.outcome == .done([1, "two", .array([3]), "x", 5]))
}
