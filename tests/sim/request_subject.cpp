#include "sim/request_subject.hpp"

#include <algorithm>

namespace batchd::sim {
namespace {

constexpr std::string_view kBatches = "/v1/batches/";
constexpr std::string_view kFiles = "/v1/files/";

}  // namespace

std::string_view id_in_path(std::string_view path) {
    for (const std::string_view begin : {kBatches, kFiles})
        if (path.starts_with(begin)) {
            path.remove_prefix(begin.size());
            return path.substr(0, path.find('/'));
        }
    return {};
}

const Batch* batch_of_file(const Backend& backend, std::string_view file_id) {
    const auto& all = backend.batches.all();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Batch& batch) {
        return batch.output_file_id == file_id || batch.error_file_id == file_id ||
               batch.request.input_file_id == file_id;
    });
    return found == all.end() ? nullptr : &*found;
}

std::uint64_t batch_number_of(const Backend& backend, const RequestHead& head) {
    if (head.method == "POST" && head.path == "/v1/batches") return backend.batches.next_number();
    const std::string_view id = id_in_path(head.path);
    if (id.empty()) return 0;
    const Batch* batch = nullptr;
    if (head.path.starts_with(kFiles)) batch = batch_of_file(backend, id);
    if (head.path.starts_with(kBatches))
        for (const Batch& one : backend.batches.all())
            if (one.id == id) batch = &one;
    return batch == nullptr ? 0 : batch->number;
}

}  // namespace batchd::sim
