#include "web/submit/receive_file.hpp"

#include "base/async/run_blocking.hpp"
#include "web/request/multipart.hpp"
#include "web/submit/body_reader.hpp"

namespace batchd::web {

namespace asio = boost::asio;

namespace {

// A token has 64 characters, and the name of a queue at most as many.
constexpr std::size_t kFieldMax = 1024;
// Somebody who drops the same name ten thousand times has a mistake in a loop, and should hear of it.
constexpr unsigned kNamesTried = 10'000;

/// The name of a job, as far as a file can have it. Errors: bad_input.
Result<std::string> job_name(std::string_view given) {
    if (given.find('/') != std::string_view::npos || given.find('\0') != std::string_view::npos)
        return error(Errc::bad_input, "a job's name has no / in it, and no null");
    std::string name = spool::drop_name(given);
    if (name.empty()) return error(Errc::bad_input, "the file has no name that a job could have");
    // With what the outbox puts behind it, it has to fit into the 255 bytes of a file's name.
    if (name.size() > 200) return error(Errc::bad_input, "the file's name is too long: at most 200 bytes");
    return name;
}

/// Some browsers send a path; it is of no use to anybody here.
std::string_view without_path(std::string_view file) {
    return file.substr(file.find_last_of("/\\") + 1);
}

/// One form, as it comes in.
class FormReceiver {
public:
    FormReceiver(Room& room, const std::string& session) : room_(room), session_(session) {}

    asio::awaitable<Result<void>> take(MultipartReader& form) {
        for (;;) {
            const auto event = form.next();
            if (!event) co_return event.error();
            if (*event == MultipartReader::Event::need_more) co_return Result<void>();
            if (*event == MultipartReader::Event::end) {
                is_whole_ = true;
                co_return Result<void>();
            }
            const bool begins = *event == MultipartReader::Event::part;
            auto taken = begins ? begin_part(form) : Result<void>();
            if (!begins) taken = co_await take_data(form);
            if (!taken) co_return taken;
        }
    }

    asio::awaitable<Result<ReceivedForm>> finish() {
        // Half of a file would be taken, checked and paid like a whole one.
        if (!is_whole_) co_return error(Errc::bad_input, "the form broke off");
        if (auto known = expect_token(); !known) co_return known.error();
        if (received_.drop) {
            auto& drop = *received_.drop;
            const auto finished = co_await run_blocking(room_.pool, [&drop] { return drop.finish(); });
            if (!finished) co_return finished.error();
        }
        co_return std::move(received_);
    }

private:
    Result<void> expect_token() const {
        if (room_.access.is_form_token(token_, session_)) return {};
        return error(Errc::illegal, "the form is not one of this session's");
    }

    Result<void> begin_part(const MultipartReader& form) {
        name_ = form.name();
        // A browser sends an empty part where no file was chosen.
        if (name_ != "file" || form.filename().empty()) return {};
        // One file, one check, one decision; the second would be sent without having been looked at.
        if (received_.drop) return error(Errc::bad_input, "there is more than one file in the form");
        // The token stands before the file in the form, so that nothing is written for a form of another
        // site.
        if (auto known = expect_token(); !known) return known;
        const auto inbox = inbox_of(room_.settings, received_.queue);
        if (!inbox) return inbox.error();
        auto name = job_name(without_path(form.filename()));
        if (!name) return name.error();
        auto drop = spool::InboxDrop::create(*inbox, std::move(*name), spool::DropWriter::page);
        if (!drop) return drop.error();
        received_.drop.emplace(std::move(*drop));
        return {};
    }

    asio::awaitable<Result<void>> take_data(const MultipartReader& form) {
        if (name_ == "file" && received_.drop) {
            auto& drop = *received_.drop;
            const std::string_view bytes = form.data();
            // The piece stays where it is until this returns, so that it need not be copied.
            co_return co_await run_blocking(room_.pool, [&drop, bytes] { return drop.append(bytes); });
        }
        if (name_ == "form") append(token_, form.data());
        if (name_ == "queue") append(received_.queue, form.data());
        co_return Result<void>();
    }

    static void append(std::string& field, std::string_view bytes) {
        // Cut off without a word: no field of ours is as long, and none that is cut is valid.
        field.append(bytes.substr(0, kFieldMax - std::min(kFieldMax, field.size())));
    }

    Room& room_;
    const std::string& session_;
    std::string name_, token_;
    ReceivedForm received_;
    bool is_whole_ = false;
};

asio::awaitable<void> take_form(FormReceiver& receiver, MultipartReader& form, Result<void>& taken) {
    taken = co_await receiver.take(form);
}

asio::awaitable<void> write(Room& room, spool::InboxDrop& drop, std::string_view bytes,
                            Result<void>& written) {
    written = co_await run_blocking(room.pool, [&drop, bytes] { return drop.append(bytes); });
}

}  // namespace

Result<Path> inbox_of(const config::Settings& settings, const std::string& queue) {
    // Only queues of the configuration, for the name becomes part of a path.
    if (queue.empty() || queue == config::kDefaultQueue) return settings.spool.inbox;
    if (settings.queues.contains(queue)) return settings.spool.inbox / queue;
    std::string known{config::kDefaultQueue};
    for (const auto& [name, ignored] : settings.queues) known += ", " + name;
    return error(Errc::not_found, "there is no queue " + queue + "; there are: " + known);
}

asio::awaitable<Result<ReceivedForm>> receive_form(server::Exchange& exchange, Room& room,
                                                   const std::string& session) {
    const auto boundary = multipart_boundary(exchange.head().header("content-type"));
    if (!boundary) co_return error(Errc::bad_input, "this is no form with a file: multipart/form-data");
    MultipartReader form(*boundary);
    FormReceiver receiver(room, session);
    BodyReader body(exchange);
    Result<void> taken;
    for (;;) {
        const auto piece = co_await body.next(take_form(receiver, form, taken));
        if (!taken) co_return taken.error();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        form.feed(*piece);
    }
    co_return co_await receiver.finish();
}

asio::awaitable<Result<spool::InboxDrop>> receive_body(server::Exchange& exchange, Room& room,
                                                       const std::string& queue, std::string name) {
    // Queue and name are judged before a byte is read: else gigabytes would be sent for an answer that is
    // known now.
    const auto inbox = inbox_of(room.settings, queue);
    if (!inbox) co_return inbox.error();
    auto job = job_name(name);
    if (!job) co_return job.error();
    auto drop = spool::InboxDrop::create(*inbox, std::move(*job), spool::DropWriter::page);
    if (!drop) co_return drop.error();
    BodyReader body(exchange);
    Result<void> written;
    for (std::string_view piece;;) {
        const auto next = co_await body.next(write(room, *drop, piece, written));
        if (!written) co_return written.error();
        if (!next) co_return next.error();
        if (next->empty()) break;
        piece = *next;
    }
    const auto finished = co_await run_blocking(room.pool, [&drop] { return drop->finish(); });
    if (!finished) co_return finished.error();
    co_return std::move(*drop);
}

Result<void> publish(spool::InboxDrop& drop) {
    const std::string name = drop.name();
    Result<bool> published = drop.publish();
    // A name that is taken gets a number, as it does in the outbox: nobody wants to send gigabytes once more
    // for the sake of a name.
    for (unsigned number = 2; published && !*published && number < kNamesTried; ++number) {
        drop.rename(name + "." + std::to_string(number));
        published = drop.publish();
    }
    // Where only the folder's sync failed the daemon takes the file all the same: whoever is told otherwise
    // sends it, and pays it, twice.
    if (!published && drop.is_published()) return {};
    if (!published || !*published) drop.rename(name);  // for the next try
    if (!published) return published.error();
    if (!*published) return error(Errc::locked, "the inbox is full of files of this name");
    return {};
}

}  // namespace batchd::web
