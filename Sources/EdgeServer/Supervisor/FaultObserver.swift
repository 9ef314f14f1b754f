import EdgeRuntime

/// Tells the parent process of faults; all else is the next observer's.
struct FaultObserver: InvocationObserver {
    let link: SupervisorLink
    let next: any InvocationObserver

    func observes(_ outcome: Outcome) -> Bool {
        outcome == .vmFault || self.next.observes(outcome)
    }

    func report(_ report: InvocationReport) {
        if report.outcome == .vmFault { self.link.reportFault() }
        self.next.report(report)
    }

    func log(_ record: GuestLogRecord) {
        self.next.log(record)
    }
}
