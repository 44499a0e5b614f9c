#include "sim/results.hpp"

#include <algorithm>
#include <random>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "sim/buffered_file.hpp"
#include "sim/chance.hpp"
#include "sim/json_edit.hpp"
#include "sim/row_file.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

constexpr std::string_view kExpired =
    R"({"code":"batch_expired","message":"This request could not be executed before the completion window expired."})";
constexpr std::string_view kCancelled =
    R"({"code":"batch_cancelled","message":"This request was not executed because the batch was cancelled."})";
constexpr std::string_view kTimeout =
    R"({"code":"request_timeout","message":"The request timed out while it was being processed."})";

std::string quoted(std::string_view text) {
    return json::serialize(json::string(text));
}

/// One line of a result file without its end; `response` and `error` are JSON.
std::string envelope(std::string_view custom_id, std::string_view response, std::string_view error) {
    std::string line = R"({"id":"batch_req_)" + random_hex(32) + R"(","custom_id":)" + quoted(custom_id);
    line.reserve(line.size() + response.size() + error.size() + 32);
    ((line += R"(,"response":)") += response) += R"(,"error":)";
    return (line += error) += '}';
}

std::string response(unsigned status, std::string_view body) {
    std::string text = R"({"status_code":)" + std::to_string(status) + R"(,"request_id":")";
    if (status != 0) text += "req_" + random_hex(32);
    return ((text += R"(","body":)") += body) += '}';
}

/// What a rule for rows makes of the line.
std::string changed_by(const RowRule& rule, std::string line) {
    if (rule.set) {
        json::object object = json::parse(line).get_object();
        set_members(object, *rule.set);
        line = json::serialize(object);
    }
    return rule.damage ? damaged(std::move(line), *rule.damage, rule.bytes) : line;
}

/// A result file: lines are ended by the next one, so that the last may stay without an end.
class ResultFile {
public:
    explicit ResultFile(const Path& path) : file_(path) {}

    void add(std::string_view line) {
        if (file_.size_bytes() > 0) file_.append("\n");
        file_.append(line);
    }
    Result<void> finish(const Settings& settings) {
        if (file_.size_bytes() > 0 && settings.blank_line) file_.append("\n");
        if (file_.size_bytes() > 0 && settings.final_newline) file_.append("\n");
        return file_.finish();
    }
    std::uint64_t size_bytes() const { return file_.size_bytes(); }

private:
    BufferedFile file_;
};

/// Writes the rows of one batch.
class Writer {
public:
    explicit Writer(const ResultsTask& task) : task_(task), output_(task.output), errors_(task.errors) {}

    Result<Results> run(const std::vector<InputRow>& rows) {
        const auto done = static_cast<std::size_t>(static_cast<double>(rows.size()) * task_.done);
        for (const std::size_t index : order(rows.size())) {
            const InputRow& row = rows[index];
            write(row, index < done ? draw_fate(task_.settings, row, task_.batch_id, run_of(row))
                                    : unreached(task_.rest));
        }
        if (task_.settings.unknown_row)
            output_.add(envelope("nobody-sent-this", response(200, "{}"), "null"));
        if (auto finished = output_.finish(task_.settings); !finished) return finished.error();
        if (auto finished = errors_.finish(task_.settings); !finished) return finished.error();
        results_.output_bytes = output_.size_bytes();
        results_.error_bytes = errors_.size_bytes();
        return std::move(results_);
    }

private:
    std::vector<std::size_t> order(std::size_t count) const {
        std::vector<std::size_t> order(count);
        for (std::size_t i = 0; i < count; ++i) order[i] = i;
        std::mt19937_64 engine(seeded_hash(task_.settings.seed, task_.batch_id));
        if (task_.settings.shuffle) std::shuffle(order.begin(), order.end(), engine);
        return order;
    }

    const std::string& name_of(const InputRow& row) const {
        return task_.settings.known_by_text ? row.text : row.custom_id;
    }

    std::uint64_t run_of(const InputRow& row) const {
        const auto found = task_.runs.find(name_of(row));
        return found == task_.runs.end() ? 1 : found->second;
    }

    void write(const InputRow& row, const Fate& fate) {
        results_.ends.push_back({name_of(row), is_retryable(fate)});
        const bool reached = fate.kind != Fate::Kind::expired && fate.kind != Fate::Kind::cancelled;
        if (reached) ++(counts_as_completed(fate) ? results_.completed : results_.failed);
        if (fate.kind == Fate::Kind::missing) return;
        std::string line = line_of(row, fate);
        if (fate.rule != nullptr) line = changed_by(*fate.rule, std::move(line));
        ResultFile& file = fate.in_output ? output_ : errors_;
        file.add(line);
        if (fate.twice) file.add(line);
    }

    std::string line_of(const InputRow& row, const Fate& fate) {
        switch (fate.kind) {
            case Fate::Kind::timeout:
                return envelope(row.custom_id, "null", kTimeout);
            case Fate::Kind::expired:
                return envelope(row.custom_id, "null", kExpired);
            case Fate::Kind::cancelled:
                return envelope(row.custom_id, "null", kCancelled);
            case Fate::Kind::status_zero:
                return envelope(row.custom_id, response(0, "{}"), "null");
            case Fate::Kind::missing:
                break;
            case Fate::Kind::answered:
                return envelope(row.custom_id, answered(row, fate.status), "null");
        }
        return {};
    }

    std::string answered(const InputRow& row, unsigned status) {
        if (status < 200 || status >= 300)
            return response(status, json::serialize(error_answer(row, status)));
        const AnswerBody body = answer(row, task_.answers);
        results_.tokens.input += body.tokens.input;
        results_.tokens.output += body.tokens.output;
        return response(status, body.json);
    }

    const ResultsTask& task_;
    ResultFile output_, errors_;
    Results results_;
};

}  // namespace

Result<Results> write_results(const ResultsTask& task) {
    const auto rows = read_row_file(task.row_file);
    if (!rows) return rows.error();
    return Writer(task).run(*rows);
}

}  // namespace batchd::sim
