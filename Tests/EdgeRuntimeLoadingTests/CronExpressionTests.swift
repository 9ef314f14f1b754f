import Testing

@testable import EdgeRuntime

@Suite struct CronExpressionTests {
    struct Case: Sendable {
        let text: String
        /// minute, hour, day, month, weekday
        let matches: [[Int]]
        let others: [[Int]]
    }

    @Test(arguments: [
        Case(text: "* * * * *", matches: [[0, 0, 1, 1, 0], [59, 23, 31, 12, 6]], others: []),
        Case(
            text: "*/5 * * * *",
            matches: [[0, 1, 1, 1, 1], [55, 1, 1, 1, 1]],
            others: [[1, 1, 1, 1, 1], [59, 1, 1, 1, 1]]
        ),
        Case(
            text: "7/20 3 * * *",
            matches: [[7, 3, 1, 1, 0], [47, 3, 9, 9, 5]],
            others: [[0, 3, 1, 1, 0], [7, 4, 1, 1, 0]]
        ),
        Case(
            text: "0 9-17/4 * * MON-FRI",
            matches: [[0, 9, 1, 1, 1], [0, 17, 1, 1, 5]],
            others: [[0, 12, 1, 1, 1], [0, 9, 1, 1, 6]]
        ),
        Case(text: "0 0 * * 7", matches: [[0, 0, 1, 1, 0]], others: [[0, 0, 1, 1, 1]]),
        Case(text: "0 0 * * 5-7", matches: [[0, 0, 1, 1, 0], [0, 0, 1, 1, 6]], others: [[0, 0, 1, 1, 4]]),
        Case(text: "0 0 * * */2", matches: [[0, 0, 1, 1, 0], [0, 0, 1, 1, 6]], others: [[0, 0, 1, 1, 1]]),
        Case(
            text: "15,45 0 1,15 jan,Jul *",
            matches: [[45, 0, 15, 7, 3]],
            others: [[45, 0, 15, 8, 3], [45, 0, 2, 7, 3]]
        ),
        Case(text: "0 0 13 * FRI", matches: [[0, 0, 13, 1, 2], [0, 0, 2, 1, 5]], others: [[0, 0, 12, 1, 4]]),
        Case(text: "0 0 29 2 *", matches: [[0, 0, 29, 2, 3]], others: [[0, 0, 28, 2, 3]]),
    ])
    func matches(_ test: Case) throws {
        let cron = try CronExpression(test.text)
        #expect(cron.description == test.text)
        func has(_ time: [Int]) -> Bool {
            cron.matches(minute: time[0], hour: time[1], day: time[2], month: time[3], weekday: time[4])
        }
        for time in test.matches { #expect(has(time), "\(test.text) at \(time)") }
        for time in test.others { #expect(!has(time), "\(test.text) at \(time)") }
    }

    @Test(arguments: [
        ("", "five fields"), ("* * * *", "five fields"), ("* * * * * *", "five fields"), ("@hourly", "five fields"),
        ("60 * * * *", "minute"), ("* 24 * * *", "hour"), ("* * 0 * *", "day of month"), ("* * * 13 *", "month"),
        ("* * * * 8", "day of week"), ("* * * FOO *", "names such as JAN"), ("5-1 * * * *", "minute"),
        ("*/0 * * * *", "minute"), ("1,,2 * * * *", "minute"), ("1- * * * *", "minute"), ("-1 * * * *", "minute"),
        ("+1 * * * *", "minute"), ("*/ * * * *", "minute"), ("1//2 * * * *", "minute"), ("999 * * * *", "minute"),
        ("0 0 31 2,4 *", "never run"), ("0 0 30 FEB *", "never run"),
    ])
    func invalidOnesSayWhere(_ text: String, reason: String) {
        let error = #expect(throws: CronExpression.Invalid.self) { try CronExpression(text) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }
}
