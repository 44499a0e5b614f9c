#include "engine/deliver/next_job.hpp"

#include <optional>
#include <utility>

#include <fcntl.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "engine/attempt_key.hpp"
#include "engine/follow_up_job.hpp"
#include "engine/json_file.hpp"
#include "engine/origin.hpp"
#include "engine/work_directory.hpp"
#include "jsonl/chain/next_line.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/result/merge_rows.hpp"
#include "spool/claim.hpp"
#include "spool/inbox/inbox_name.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t kStepBytesMax = 64 * 1024;

/// Throws where a member is missing or of another kind.
NextStep step_of(const json::value& value) {
    const json::object& object = value.as_object();
    return {.requests = object.at("requests").to_number<std::uint64_t>(),
            .left_out = object.at("left_out").to_number<std::uint64_t>(),
            .why = std::string(object.at("why").as_string())};
}

Result<void> write_step(const Path& path, const NextStep& step) {
    const json::object object{{"requests", step.requests}, {"left_out", step.left_out}, {"why", step.why}};
    return replace_file(path, json::serialize(object) + "\n");
}

/// Makes requests of the answers, which come in the order of the requests that they answer.
class Maker {
public:
    /// Without `requests`: the file is not what was sent, and nothing is taken from it.
    Maker(std::optional<jsonl::LineReader> requests, jsonl::LineTemplate line_template, FileWriter& writer)
        : requests_(std::move(requests)), line_(std::move(line_template)), writer_(writer) {}

    Result<void> take(const jsonl::Row& answer) {
        const auto request = request_of(answer.line_number);
        if (!request) return request.error();
        const auto line = line_.of(answer.text, *request);
        if (line) {
            ++step_.requests;
            return writer_.append(*line + "\n");
        }
        // An answer that lacks what the template asks for is that answer's own matter. Anything else is
        // damage, and a next job with holes that nobody knows of would be paid all the same.
        if (line.error().code != Errc::not_found) return line.error();
        if (step_.left_out++ == 0)
            step_.why = "line " + std::to_string(answer.line_number) + ": " +
                        printable(line.error().context) +
                        (requests_ ? "" : ", for its file was altered after it was read");
        return {};
    }
    const NextStep& step() const { return step_; }

private:
    /// Empty where nobody has it any more: what asks for none of it goes on without it.
    Result<std::string_view> request_of(std::uint64_t line_number) {
        // Both are in the order of the lines, so one request at a time is in memory, however large the files
        // are.
        while (requests_ && request_.number < line_number) {
            const auto more = requests_->next(request_);
            if (!more) return more.error();
            if (!*more) requests_.reset();
        }
        return requests_ ? request_.text : std::string_view("");
    }

    std::optional<jsonl::LineReader> requests_;
    jsonl::Line request_;
    jsonl::NextLine line_;
    FileWriter& writer_;
    NextStep step_;
};

Result<NextStep> make_input(const spool::Layout& layout, const Delivery& delivery, const Terms& terms) {
    const std::string key = next_key(delivery.job.key);
    auto line_template = jsonl::LineTemplate::parse(terms.then_template);
    if (!line_template) return line_template.error();
    auto answers = answer_pieces(layout, delivery);
    if (!answers) return answers.error();
    const auto input = open_file(layout.input(delivery.job.key), O_RDONLY | O_NOFOLLOW);
    if (!input) return input.error();
    auto made = spool::make_work_directory(layout.work_directory(key), spool::file_name(delivery.job.name),
                                           terms.then);
    if (made) made = note_origin(layout, key, {Origin::Kind::next, delivery.job.key});
    if (!made) return made.error();
    auto writer = FileWriter::create(layout.input(key));
    if (!writer) return writer.error();
    std::optional<jsonl::LineReader> requests;
    // What stands in a file that somebody has altered was not answered, and would be sent all the same.
    if (!delivery.job.input_changed) requests.emplace(input->get(), terms.batch.line_bytes_max());
    Maker maker(std::move(requests), std::move(*line_template), *writer);
    const auto merged =
        jsonl::merge_rows(std::move(*answers), [&](const jsonl::Row& row) { return maker.take(row); },
                          {.scratch = layout.work_directory(delivery.job.key)});
    if (!merged) return within("the next step", merged.error());
    if (maker.step().requests > 0)
        if (auto committed = writer->commit(); !committed) return committed.error();
    return maker.step();
}

/// Of a next job that is not on record.
Result<NextStep> without_lost_input(const spool::Layout& layout, const store::Job& job, NextStep step) {
    const std::string key = next_key(job.key);
    if (step.requests == 0) {
        const auto removed = remove_unread(layout, key);
        return removed ? Result<NextStep>(std::move(step)) : removed.error();
    }
    const auto there = file_exists(layout.input(key));
    if (!there) return there.error();
    if (*there) return step;
    // It went on, and ended, before an old copy of the state was put back; or somebody removed it.
    return NextStep{.left_out = job.succeeded,
                    .why = "the requests that were made of them are not in work/ any more"};
}

}  // namespace

std::string next_key(std::string_view job_key) {
    return attempt_key(job_key, {0, 1});  // shards begin with 1, and the rest of a file has attempt 0
}

Result<NextStep> keep_next(const spool::Layout& layout, const Delivery& delivery, const Terms& terms) {
    // What is noted holds: after a crash behind the delivery the input has left for the outbox, and nothing
    // could be made of it a second time.
    const Path note = layout.next_step(delivery.job.key);
    auto kept = read_json_file(note, kStepBytesMax, step_of);
    if (kept) return without_lost_input(layout, delivery.job, std::move(*kept));
    if (kept.error().code != Errc::not_found) return kept;
    const auto there = file_exists(layout.input(delivery.job.key));
    if (!there) return there.error();
    // It leaves behind the note. So nothing was made of it, and nothing can be any more.
    if (!*there)
        return NextStep{.left_out = delivery.job.succeeded,
                        .why = "its file was not in work/ any more when they could have got one"};
    auto step = make_input(layout, delivery, terms);
    if (!step) return step;
    // After the input is durable: a note without it would promise a job that has no requests.
    if (auto written = write_step(note, *step); !written) return written.error();
    return without_lost_input(layout, delivery.job, std::move(*step));
}

Result<void> leave_next(const spool::Layout& layout, std::string_view job_key) {
    // The note first: without its work directory it would promise a job that has no requests.
    const Path note = layout.next_step(job_key);
    const auto noted = file_exists(note);
    if (!noted) return noted.error();
    auto done = *noted ? remove_file(note) : Result<void>();
    if (done && *noted) done = sync_directory(note.parent_path());
    return done ? remove_unread(layout, next_key(job_key)) : done;
}

Result<store::Job> next_job(const spool::Layout& layout, const store::Job& job, const Terms& terms,
                            TimePoint now) {
    auto next = follow_up_job(layout, next_key(job.key), job, now);
    if (!next) return next;
    next->queue = terms.queue;
    next->provider = terms.provider;
    next->terms = to_json(terms);
    next->chained_from = job.id;
    return next;
}

}  // namespace batchd::engine
