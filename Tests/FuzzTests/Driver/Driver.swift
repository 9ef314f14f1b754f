import Glibc

// What libFuzzer calls; compiled by `run` together with the targets, without Testing.

private let target: FuzzTarget = {
    let name = getenv("EDGEHOST_FUZZ").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        fatalError("EDGEHOST_FUZZ names no target: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    if let violation = target.violation(input) { fatalError("\(target.name): \(violation)") }
    return 0
}
