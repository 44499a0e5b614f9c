#include "config/fields/composed.hpp"

namespace batchd::config {

const Fields<Batch>& batch_fields() {
    // In the order of the reference file, which a test holds against this.
    static const Fields<Batch> fields{
        text_field<Batch>({"endpoint", "a path that begins with \"/\", such as \"/v1/chat/completions\""},
                          AT(endpoint), is_endpoint),
        text_field<Batch>({"model", "a model's name of at most 256 bytes"}, AT(model), is_model),
        text_field<Batch>({"completion_window", "a time window of the provider, such as \"24h\""},
                          AT(completion_window), is_window),
        composed_field<Batch>({"metadata", "a table of at most 14 strings"}, AT(metadata), read_metadata,
                              print_strings),
        composed_field<Batch>({"defaults", "a table"}, AT(defaults), read_defaults, print_defaults),
        flag_field<Batch>("share", AT(share)),
        count_field<Batch>("max_requests", AT(max_requests), 1, kRequestsMax),
        size_field<Batch>("max_bytes", AT(max_bytes), kBytesMax),
        size_field<Batch>("max_line", AT(max_line), kBytesMax),
        composed_field<Batch>({"enqueued_tokens", "a table of models and numbers of tokens"},
                              AT(enqueued_tokens), read_token_limits, print_token_limits),
    };
    return fields;
}

}  // namespace batchd::config
