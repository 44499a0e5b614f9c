#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk/file.hpp"
#include "base/log.hpp"
#include "base/units.hpp"

/// What an operator can set, with the defaults. config/batchd.toml is the annotated form, held against this
/// by a test.
namespace batchd::config {

/// What [provider] is called among those of [provider.NAME]: in the database, in `fallback`, to people. No
/// table can be called so: is_table_name() keeps the word free for this.
inline constexpr std::string_view kDefaultProvider = "default";
/// The queue of what lies in the inbox itself, with the general rules.
inline constexpr std::string_view kDefaultQueue = "default";

/// What becomes of a file with lines that can't be sent: all of it is rejected, and nothing is sent; or the
/// good lines are sent, and the bad ones are in the job's errors.jsonl.
enum class OnInvalidLine { reject, skip };

/// [spool]: the folders that people see.
struct Spool {
    Path inbox = "/var/spool/batchd/inbox";
    Path outbox = "/var/spool/batchd/outbox";
    Path rejected = "/var/spool/batchd/rejected";
    Millis scan_interval = std::chrono::seconds(30);  ///< safety net under inotify; 100ms to 1h
    /// It counts only where nobody can know whether the writer has finished: for what lay there at the start,
    /// and for what another host writes.
    Millis settle_time =
        std::chrono::seconds(2);  ///< stillness that stands for "written to its end"; 0s to 1h
    /// Some programs make the name first and write later, so an empty file is no mistake at once.
    Millis empty_wait = std::chrono::seconds(60);  ///< how long an empty file may be on its way; 0s to 1h
    OnInvalidLine on_invalid_line = OnInvalidLine::reject;
};

/// [state]: what batchd keeps for itself.
struct State {
    Path directory = "/var/lib/batchd";  ///< batchd.db and work/
    /// What is in the outbox is never removed by this.
    std::optional<Millis> keep;  ///< ended jobs and events; at least 1s; nothing: for ever
};

/// What a provider speaks. `openai` is everything that is compatible with it, and `azure` a dialect of it.
/// Mistral, Gemini and Anthropic have forms of their own that are not spoken yet, of which warnings() tells.
/// `direct` is no batches at all: the requests are sent one by one.
enum class Kind { openai, azure, mistral, gemini, anthropic, direct };

/// How a provider that speaks like OpenAI differs from it, value by value; each is a key of the
/// configuration, and the kind has the default. Source: the providers' own documentation, as of 2026-11.
struct Dialect {
    /// The header with the key; "Authorization" has "Bearer " before it. A key is a secret; where it goes is
    /// none.
    std::string auth_header = "Authorization";
    bool key_names_account = true;  ///< false: keys come and go, and the address says whose batches they are
    std::string query;              ///< added to every call, without '?': "api-version=2024-10-21"
    std::string create_endpoint;    ///< what a create names; "": what the lines have
    /// Azure takes a while to look at an upload, and refuses a batch of it until then.
    bool wait_for_processed = false;   ///< a create is refused while the uploaded file is not `processed`
    std::vector<std::string> windows;  ///< the completion windows that there are; empty: any
    bool send_window = true;
    std::string purpose = "batch";  ///< of an upload
    std::string upload_path = "/files";
    std::string filename_field;  ///< of an upload: bears the file's name as well; "": there is none
    /// Azure counts files without an expiry against a small quota.
    std::optional<Millis> file_expiry;  ///< asked for at an upload; 1h to 30d
    /// Without a mark a batch is known by the file that it was made of.
    bool metadata = true;  ///< batches bear metadata, and so our mark
    /// Without it nobody can find out by a listing what became of a call whose answer was lost.
    bool list_batches = true;  ///< there is a listing that can be asked
    bool list_files = true;
    std::string list_field = "data";  ///< where a listing has its items
    std::string answer_field;         ///< where a create has its batch: "job"; "": it is the answer
    /// Further in, a status is known by OpenAI's word only.
    std::map<std::string, std::string>
        status_words;  ///< other words for OpenAI's: { "in_queue" = "validating" }
    std::map<std::string, std::string> line_urls;  ///< beginnings of urls: { "/v1/" = "/v4/" }
    std::uint64_t max_custom_id = 0;               ///< characters of an id that it takes; 0: it does not say

    friend bool operator==(const Dialect&, const Dialect&) = default;
};

/// [provider] and [provider.NAME]: whom we talk to. What is silent is defaults_of(kind).
struct Provider {
    Kind kind = Kind::openai;
    std::string base_url = "https://api.openai.com/v1";
    bool allow_plain_http = false;  ///< http:// to another machine
    std::optional<Path> api_key_file;
    std::string api_key;       ///< "none": the server wants no key; "": find_api_key() finds it
    std::string organization;  ///< header OpenAI-Organization, where not empty
    std::string project;       ///< header OpenAI-Project, where not empty
    std::optional<Path> ca_file;
    /// A transfer of an hour is none too long as long as it moves.
    Millis timeout = std::chrono::seconds(60);  ///< longest time without a byte moving; direct: of one
                                                ///< request in all; 100ms to 1h
    unsigned max_connections = 4;               ///< transfers at once; 1 to 64
    /// After a lost answer "not there" is believed only after this time. Too short, and a batch may be paid
    /// for twice.
    Millis list_lag = std::chrono::seconds(10);  ///< how long listings may not show what is new; 0s to 1h
    bool delete_files = false;
    std::map<std::string, std::string> models;  ///< what users write, and what is sent
    unsigned max_in_flight = 64;                ///< requests that are sent one by one: at once; 1 to 1,024
    std::uint64_t requests_per_minute = 0;      ///< likewise; 0: no limit of ours
    std::uint64_t tokens_per_minute = 0;        ///< likewise
    /// Source: https://platform.openai.com/docs/guides/batch for the kind openai; the other kinds have their
    /// own.
    std::uint64_t max_requests = 50'000;  ///< a batch, as the provider enforces it; 1 to 10,000,000
    std::uint64_t max_bytes = 200ULL * 1024 * 1024;  ///< likewise; 1 to 100 GiB
    Dialect dialect;

    friend bool operator==(const Provider&, const Provider&) = default;
};

/// What is silent has the kind's values. Most of what kinds differ in is here, as values of keys that a file
/// may set otherwise.
Provider defaults_of(Kind kind);
std::string_view to_string(Kind kind);

/// [batch]: what is sent where a line does not say it, and how much of it at once.
struct Batch {
    std::string endpoint = "/v1/chat/completions";
    std::string model;  ///< empty: every line must name its own
    std::string completion_window = "24h";
    std::map<std::string, std::string> metadata;  ///< at most 14: two of the provider's 16 are ours
    /// A batch. Set, they are at most the provider's; as defaults they may be more, and filled() cuts them.
    std::uint64_t max_requests = 50'000;
    std::uint64_t max_bytes = 200'000'000;
    /// A line is in memory as a whole, so this bounds what one file can take of it.
    std::optional<std::uint64_t> max_line;  ///< bytes of a line of the input; nothing: max_bytes
    std::map<std::string, std::uint64_t> enqueued_tokens;  ///< model to limit
    std::string defaults;  ///< a JSON object, put into each body that does not say otherwise; "": none
    /// Only those that agree in provider, endpoint, model, window, metadata and limits.
    bool share = true;  ///< requests of several files may go into one batch

    /// A longer line is not even kept while it is read.
    std::uint64_t line_bytes_max() const { return max_line.value_or(max_bytes); }

    friend bool operator==(const Batch&, const Batch&) = default;
};

/// [queue.NAME]: a folder with rules. What is silent has the value of [batch], [spool] or [retry]; filled()
/// in config/effective.hpp says which. "" of a text and an empty table are values, and replace the general
/// ones.
struct Queue {
    std::string provider;  ///< the name of one; "": [provider]
    std::optional<std::string> endpoint;
    std::optional<std::string> model;
    std::optional<std::string> completion_window;
    std::optional<std::map<std::string, std::string>> metadata;
    std::optional<std::uint64_t> max_requests;
    std::optional<std::uint64_t> max_bytes;
    std::optional<std::map<std::string, std::uint64_t>> enqueued_tokens;
    std::optional<OnInvalidLine> on_invalid_line;
    std::optional<unsigned> row_attempts;
    std::optional<bool> share;
    std::optional<std::string> defaults;  ///< as in Batch; "": none
    Millis collect{0};                    ///< how long the oldest request may wait for company; 0s to 366d
    std::optional<std::uint64_t> collect_requests;  ///< … or until so many wait; 1 to 10,000,000
    std::string schedule;                           ///< cron's five fields, or @daily …
    std::string timezone;                           ///< of the schedule; "": the machine's
    int priority = 0;                               ///< -100 to 100
    std::string group;          ///< the Unix group that may drop and read; "": the inbox's
    std::string budget;         ///< "50 USD/day", "…/month" or "…/job"; "": there is none
    std::string then;           ///< the queue to which answers go on as requests; "": none
    std::string then_template;  ///< a JSON text: what they become
    std::string fallback;  ///< whom what `provider` can't take goes to: as there, or "default"; "": nobody
    std::optional<Millis> deadline;  ///< when what has no answer goes there as well; 1s to 366d

    friend bool operator==(const Queue&, const Queue&) = default;
};

/// One question covers a hundred batches, so this need not grow with their number.
struct Poll {
    Millis interval = std::chrono::seconds(60);  ///< 100ms to 24h
};

/// [retry]
struct Retry {
    unsigned row_attempts = 3;  ///< of one request in all; 1 to 20
    /// The pause doubles from the first to the last of these. One that the provider asks for goes first.
    Millis min_backoff = std::chrono::seconds(1);  ///< for whatever fails and may be mended; 1ms to 24h
    Millis max_backoff = std::chrono::minutes(5);  ///< 1ms to 24h, not below min_backoff
    /// How long answers that are not whole yet are looked at again; 0s to 30 days.
    Millis result_patience = std::chrono::hours(1);
    /// After how long a cancelled job ends although the provider has not said so; 0s to 30 days.
    Millis cancel_patience = std::chrono::hours(24);
};

/// Prices of one model: by key of LiteLLM's format, dollars for a token as a number's text. They stay text
/// until they are reckoned with, for a price as a binary fraction would not be the one that was written.
using ModelPrices = std::map<std::string, std::string>;

/// [prices]: what tokens cost, beside what batchd ships.
struct Prices {
    std::optional<Path> file;                   ///< in LiteLLM's public format; read again when it changes
    std::map<std::string, ModelPrices> models;  ///< by name; they go before the file
};

/// [control]: where people's commands come in. Whoever may open the socket may cancel jobs and have them sent
/// again, which costs money.
struct Control {
    Path socket = "/run/batchd/batchd.sock";  ///< at most 107 bytes
    std::string group;  ///< who may use it; "": `batchd` where it exists, else the daemon's
};

/// What a target of notices speaks. Source: the services' own documentation; webhook is
/// https://www.standardwebhooks.com.
enum class NotifyKind { slack, discord, webhook, ntfy, ping, command };

/// [notify.NAME]: somebody who is told.
struct NotifyTarget {
    std::optional<NotifyKind> kind;   ///< there is no default
    std::optional<Path> url_file;     ///< its address is a secret; find_notify_url() finds it
    std::optional<Path> secret_file;  ///< webhook: `whsec_…`, two lines while it is rotated
    std::vector<std::string> on{"failed", "rejected", "held", "provider_closed", "overdue"};
    std::vector<std::string> queues;            ///< whose jobs; empty: all
    std::vector<std::string> command;           ///< the program and its arguments, as they stand
    Millis timeout = std::chrono::minutes(10);  ///< of the command; 1s to 7d
    std::optional<Path> ca_file;                ///< PEM; authorities besides the system's

    friend bool operator==(const NotifyTarget&, const NotifyTarget&) = default;
};

std::string_view to_string(NotifyKind kind);

/// [notify]
struct Notify {
    Millis patience =
        std::chrono::hours(24);  ///< how long a message that does not get through is tried; 0s to 30d
};

/// A proxy in front of the page, which says who asks.
struct BehindProxy {
    std::string header;   ///< with the user's name, in lower case: "x-forwarded-user"
    std::string address;  ///< the only one that may set it: "10.0.0.5", "::1"; or "unix"

    /// Whoever may open a path of Web::listen, which the rights on that socket say; nobody by TCP.
    bool is_unix() const { return address == "unix"; }
    friend bool operator==(const BehindProxy&, const BehindProxy&) = default;
};

/// [web]: the page, which is a process of its own (`batchd web`). It has the state to read only; what changes
/// something goes through the control socket as any person's command does.
struct Web {
    std::vector<std::string> listen{"127.0.0.1:8420"};  ///< parse_listen() reads each
    std::vector<std::string> hosts;  ///< the names it answers for; empty: localhost and its addresses
    bool read_only = false;          ///< nothing can be sent, cancelled or retried
    bool show_requests = false;      ///< requests and answers are shown, and not only downloaded
    std::optional<BehindProxy> behind_proxy;
};

/// [metrics]
struct Metrics {
    std::optional<Path> textfile;  ///< written again and again by the daemon, for the node exporter
};

/// Where the lines go is not said here: that is the service manager's business.
struct Logging {
    LogLevel level = LogLevel::info;
};

/// All of it, as a value: a reload makes another one and compares. No secret is in it, only where secrets
/// are.
struct Settings {
    Spool spool;
    State state;
    Provider provider;
    std::map<std::string, Provider> providers;  ///< the others, by name
    Batch batch;
    std::map<std::string, Queue> queues;  ///< by name; "default" is not one of them
    Poll poll;
    Retry retry;
    Prices prices;
    Control control;
    Notify notify;
    std::map<std::string, NotifyTarget> notify_targets;  ///< by name
    Web web;
    Metrics metrics;
    Logging log;
};

}  // namespace batchd::config
