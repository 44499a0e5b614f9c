#include "sim/validation.hpp"

#include <algorithm>
#include <unordered_set>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include "base/disk/sha256.hpp"
#include "sim/mapped_file.hpp"
#include "sim/row_file.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 512;
constexpr std::uint64_t kEmbeddingInputsMax = 50000;

/// Parses lines one after the other into the same memory.
class LineParser {
public:
    LineParser() : block_(kBlockBytes), parser_({}, {.max_depth = kDepthMax}, scratch_, sizeof scratch_) {}

    /// Calls `use` with the value of `line`; false when it is no JSON.
    template <class Use>
    bool parse(std::string_view line, Use use) {
        json::monotonic_resource memory(block_.data(), block_.size());
        parser_.reset(&memory);
        boost::system::error_code ec;
        parser_.write({line.data(), line.size()}, ec);
        if (!ec) {
            const json::value value = parser_.release();
            use(value);
        }
        parser_.reset();  // lets go of the memory before it ends
        return !ec;
    }

private:
    static constexpr std::size_t kBlockBytes = 256 * 1024;
    std::vector<unsigned char> block_;
    unsigned char scratch_[4096];
    json::parser parser_;
};

/// The pass over one input file.
class Pass {
public:
    explicit Pass(const ValidationTask& task) : task_(task), rows_(task.row_file) {
        if (task.line_urls.empty()) context_.endpoint = task.endpoint;
        context_.urls = task.line_urls;
        context_.speaks_like_azure = task.speaks_like_azure;
    }

    Result<Validation> run(std::string_view content) {
        std::uint64_t number = 0;
        while (!content.empty() && !enough()) {
            const std::string_view line = content.substr(0, content.find('\n'));
            content.remove_prefix(std::min(line.size() + 1, content.size()));
            check_line(line, ++number);
        }
        if (found_.errors.empty()) check_totals(number);
        found_.model = context_.model;
        found_.endpoint = context_.endpoint;
        if (found_.errors.empty())
            if (auto written = rows_.finish(); !written) return written.error();
        return std::move(found_);
    }

private:
    bool enough() const { return task_.first_error_only && !found_.errors.empty(); }

    void check_line(std::string_view line, std::uint64_t number) {
        const auto use = [&](const json::value& value) { take_row(read_row(value, context_), number); };
        if (!parser_.parse(line, use))
            refuse({"invalid_json_line", "This line is not parseable as valid JSON.", "", number});
    }

    void take_row(Reply<InputRow> row, std::uint64_t number) {
        if (!row) return refuse({row.error().code, row.error().message, row.error().param, number});
        if (task_.unknown_models.contains(row->model))
            return refuse({"model_not_found",
                           "The provided model '" + row->model + "' is not supported by the Batch API.",
                           "body.model", number});
        context_.model = row->model;
        context_.endpoint = row->url;
        if (!seen_.insert(row->custom_id).second)
            return refuse(
                {"duplicate_custom_id",
                 "The custom_id for this request is a duplicate of another request. The custom_id parameter "
                 "must be unique for each request in a batch.",
                 "custom_id", number});
        inputs_ += row->inputs;
        rows_.add(*row);
        found_.custom_ids.push_back(std::move(task_.known_by_text ? row->text : row->custom_id));
    }

    void check_totals(std::uint64_t lines) {
        if (lines > task_.rows_max)
            refuse({"too_many_tasks",
                    "The batch input file has " + std::to_string(lines) +
                        " requests, more than the maximum of " + std::to_string(task_.rows_max) + ".",
                    "", std::nullopt});
        if (task_.endpoint == "/v1/embeddings" && inputs_ > kEmbeddingInputsMax)
            refuse({"too_many_tasks",
                    "The batch input file has " + std::to_string(inputs_) +
                        " embedding inputs, more than the maximum of 50000.",
                    "", std::nullopt});
    }

    void refuse(LineError entry) { found_.errors.push_back(std::move(entry)); }

    const ValidationTask& task_;
    RowFileWriter rows_;
    LineParser parser_;
    RowContext context_;
    std::unordered_set<std::string> seen_;
    std::uint64_t inputs_ = 0;
    Validation found_;
};

}  // namespace

Result<Validation> validate(const ValidationTask& task) {
    const auto file = MappedFile::open(task.input);
    if (!file) return file.error();
    auto found = Pass(task).run(file->bytes());
    if (!found) return found;
    Sha256 digest;
    digest.update(file->bytes());
    found->sha256 = digest.hex();
    return found;
}

std::string model_of_first_line(const Path& input) {
    const auto file = MappedFile::open(input);
    if (!file) return {};
    const std::string_view line = file->bytes().substr(0, file->bytes().find('\n'));
    std::string model;
    LineParser().parse(line, [&](const json::value& value) {
        const json::value* const body = value.is_object() ? value.get_object().if_contains("body") : nullptr;
        const json::value* const named =
            body != nullptr && body->is_object() ? body->get_object().if_contains("model") : nullptr;
        if (named != nullptr && named->is_string()) model = std::string(named->get_string());
    });
    return model;
}

}  // namespace batchd::sim
