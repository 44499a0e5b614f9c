#include "engine/record/altered_input.hpp"

namespace batchd::engine {

Result<void> record_altered(store::Store& store, Journal& journal, store::Job& job, std::string_view how) {
    // What meets it is tried many times, and people are told once.
    if (job.input_changed) return {};
    job.input_changed = true;
    return store.database.transact([&]() -> Result<void> {
        journal.note(EventKind::input_changed, job, how);
        return store.jobs.record_input_changed(job.id);
    });
}

}  // namespace batchd::engine
