#include "engine/held.hpp"

namespace batchd::engine {

Result<void> hold(Ports& ports, const store::Job& job, const store::Batch& batch, const std::string& why) {
    return ports.store.database.transact([&]() -> Result<void> {
        const auto now_known = ports.store.batches.find(batch.id);
        if (!now_known) return now_known.error();
        if (!*now_known || (*now_known)->held == why) return {};
        if (auto held = ports.store.batches.hold(batch.id, why, ports.clock.now()); !held) return held;
        ports.journal.note(EventKind::batch_held, job, batch, why);
        return {};
    });
}

Result<void> let_go(Ports& ports, const store::Job& job, const store::Batch& batch, const std::string& how) {
    return ports.store.database.transact([&]() -> Result<void> {
        const auto now_known = ports.store.batches.find(batch.id);
        if (!now_known) return now_known.error();
        if (!*now_known || (*now_known)->held.empty()) return {};
        if (auto released = ports.store.batches.release(batch.id); !released) return released;
        ports.journal.note(EventKind::batch_released, job, batch, how);
        return {};
    });
}

}  // namespace batchd::engine
