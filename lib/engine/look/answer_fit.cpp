#include "engine/look/answer_fit.hpp"

namespace batchd::engine {

const std::string* find_mark(const provider::BatchObject& batch) {
    const auto mark = batch.metadata.find("batchd_key");
    return mark == batch.metadata.end() ? nullptr : &mark->second;
}

Fit fit_of(const provider::BatchObject& batch, const AskedBatch& asked) {
    // The mark goes before everything else: nobody but us makes it, and a file may be in several batches.
    if (const std::string* const mark = find_mark(batch))
        return *mark == asked.key ? Fit::ours : Fit::foreign;
    if (!batch.endpoint.empty() && !asked.endpoint.empty() && batch.endpoint != asked.endpoint)
        return Fit::foreign;
    if (!asked.input_file_id.empty() && batch.input_file_id == asked.input_file_id) return Fit::ours;
    // Another file may be ours under another name: there are gateways that give ids of their own.
    return Fit::unclear;
}

Fit fit_of(const provider::FileObject& file, const SentFile& sent) {
    // 0 is what services say that do not know.
    if (file.size_bytes != 0 && file.size_bytes != sent.size_bytes) return Fit::foreign;
    if (file.filename == sent.filename) return Fit::ours;
    return file.filename.empty() ? Fit::unclear : Fit::foreign;
}

}  // namespace batchd::engine
