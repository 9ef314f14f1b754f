import EdgeIsolate

extension ImageStore {
    /// The deployment of a workers folder that has not changed since ``keepIndex(of:ceilings:)``; nil where it must be scanned.
    func start(_ directory: String, ceilings: LimitCeilings) -> Deployment? {
        guard let message = self.message(self.indexName), let index = StartIndex(message),
            index.ceilings == ceilings.fingerprint, index.isCurrent(directory)
        else { return nil }
        let shared = index.shared
        let workers = index.workers.indices.map { number in
            KeptWorker(WorkerSummary(index.workers[number])) {
                self.worker(number, of: index, shared: shared, ceilings: ceilings)
            }
        }
        let claims = index.workers.enumerated().flatMap { number, worker in
            worker.routes.map { RouteClaim(worker: number, file: worker.name, pattern: $0) }
        }
        let (table, conflicts) = RouteTable.build(claims)
        guard conflicts.isEmpty else { return nil }
        return Deployment(workers: workers, table: table, index: index)
    }

    private func worker(
        _ number: Int,
        of index: StartIndex,
        shared: WorkerSource.SharedModules,
        ceilings: LimitCeilings
    ) -> Worker? {
        index.details(number).flatMap { details in
            self.worker(details.record, source: index.source(number, details, shared: shared), ceilings: ceilings)
        }
    }

    /// Writes down what the next start needs, or removes what is out of date.
    func keepIndex(of deployment: Deployment, ceilings: LimitCeilings) {
        guard !deployment.isFromIndex else { return }
        guard let message = StartIndexWriter.message(deployment, ceilings: ceilings) else {
            return self.removeIndex()
        }
        self.write(message, as: self.indexName)
    }
}
