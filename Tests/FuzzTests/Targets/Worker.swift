import EdgeIsolate

@testable import EdgeRuntime

extension FuzzTarget {
    /// Forms with files: the content-type in the first line, then the body.
    static let multipart = FuzzTarget("multipart") { input in
        var choices = Choices(input)
        let type = String(decoding: choices.line() ?? [], as: UTF8.self)
        let body = Array(choices.rest)
        guard let form = try? MultipartForm(contentType: type, body: body), let fields = try? form.fields() else {
            return
        }
        guard case .table(let entries) = fields else {
            guard fields == .array([]) else { throw Violation("a form is \(fields)") }
            return
        }
        guard Set(entries.map { $0.key.text }).count == entries.count else {
            throw Violation("a name twice: \(entries)")
        }
        var total = 0
        for entry in entries {
            switch entry.value {
            case .string(let data): total += data.count
            case .table(let file): total += file.compactMap { $0.key == .text("data") ? $0.value.text : nil }.count
            default: throw Violation("a field is \(entry.value)")
            }
        }
        guard total <= body.count else { throw Violation("\(total) bytes of \(body.count)") }
    }

    /// Times of scheduled handlers.
    static let cron = FuzzTarget("cron") { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let expression = try? CronExpression(text) else { return }
        guard try CronExpression(expression.description) == expression else { throw Violation("read anew it differs") }
        let sets: [(UInt64, UInt64)] = [
            (expression.minutes, (1 << 60) - 1), (expression.hours, (1 << 24) - 1),
            (expression.daysOfMonth, (1 << 32) - 2), (expression.months, (1 << 13) - 2),
            (expression.weekdays, (1 << 7) - 1),
        ]
        for (set, all) in sets where set == 0 || set & ~all != 0 {
            throw Violation("a field of \(text) is \(set)")
        }
        let minute = expression.minutes.trailingZeroBitCount
        let hour = expression.hours.trailingZeroBitCount
        let fires = (1...12).contains { month in
            (1...31).contains { day in
                (0...6).contains { weekday in
                    expression.matches(minute: minute, hour: hour, day: day, month: month, weekday: weekday)
                }
            }
        }
        guard fires else { throw Violation("'\(text)' never fires") }
    }

    /// What a script returns, as a message; and where in its source a mistake stands.
    static let manifest = FuzzTarget("manifest") { input in
        let value = input.withUnsafeBytes { bytes in
            var reader = MessageReader(bytes)
            return try? reader.readValue()
        }
        do {
            let manifest = try Manifest.parse(value ?? .text("?"), worker: "fuzz", file: "fuzz.lua", source: input)
            let routes = manifest.effectiveRoutes(worker: "fuzz")
            guard routes.count <= 256, manifest.vars.count <= 256 else { throw Violation("a manifest without bounds") }
        } catch let error as ManifestError {
            guard !error.diagnostics.isEmpty else { throw Violation("an error without a reason") }
        }
    }
}
