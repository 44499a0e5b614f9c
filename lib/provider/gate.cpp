#include "provider/gate.hpp"

#include <type_traits>
#include <utility>

#include "provider/openai/failure.hpp"

namespace batchd::provider {

namespace asio = boost::asio;

namespace {

// Wider than between the rows of one daemon: a provider that comes back is met by all daemons of the world.
constexpr double kSpread = 0.5;

}  // namespace

/// One call under way. Without an outcome (cancelled) it gives its pass back, so that another may probe.
class GatedProvider::Ticket final : public Turn::Hold {
public:
    Ticket(GatedProvider& gate, GateState::Pass pass) : gate_(gate), pass_(pass) {}
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() override {
        if (is_open_) finish([this] { gate_.state_.abandon(pass_); });
    }

    template <class T>
    void settle(const Answer<T>& answer, Reach reach = Reach::all) {
        finish([&] {
            gate_.tell(answer ? gate_.state_.report_success(pass_)
                              : gate_.state_.report_failure(pass_, answer.error(), gate_.clock_.uptime(),
                                                            gate_.jitter_(), reach));
        });
    }
    const GateState::Pass& pass() const { return pass_; }

    /// What the provider behind the gate keeps for the same call.
    Turn inner;

private:
    template <class End>
    void finish(End end) {
        is_open_ = false;
        end();
        if (pass_.probe != GateState::Probe::none) gate_.waiting_.raise_all();
    }

    GatedProvider& gate_;
    GateState::Pass pass_;
    bool is_open_ = true;
};

GatedProvider::GatedProvider(Provider& inner, const ApiKey& key, asio::any_io_executor executor, Clock& clock,
                             const config::Retry& backoff, Observer observer, Jitter jitter)
    : inner_(inner),
      key_(key),
      executor_(std::move(executor)),
      clock_(clock),
      observer_(std::move(observer)),
      jitter_(std::move(jitter)),
      state_({.min = backoff.min_backoff, .max = backoff.max_backoff, .spread = kSpread}),
      tally_(executor_) {}

void GatedProvider::key_changed() {
    inner_.key_changed();
    look_at_work();
    tell(state_.key_changed());
    waiting_.raise_all();
}

void GatedProvider::rows_unpaid(Failure refusal) {
    tell(state_.report_unpaid(safe(std::move(refusal), key_.value()), clock_.uptime(), jitter_()));
}

std::vector<GateChange> GatedProvider::closed() const {
    std::vector<GateChange> all;
    for (const GateState::Closure& closure : state_.closures())
        all.push_back(to_change(GateChange::To::closed, closure));
    if (const auto work = inner_.closure()) all.push_back(to_change(GateChange::To::closed, *work));
    return all;
}

asio::awaitable<void> GatedProvider::run(std::function<void()> changed) {
    return inner_.run([this, changed = std::move(changed)] {
        look_at_work();
        changed();
    });
}

void GatedProvider::look_at_work() {
    auto now = inner_.closure();
    // By its kind and not by its words: a server that words each refusal anew would be told of each time.
    const bool is_same = now.has_value() == work_.has_value() && (!now || now->kind == work_->kind);
    const auto before = std::exchange(work_, std::move(now));
    if (is_same) return;
    if (before) observer_(to_change(GateChange::To::open, *before));
    if (work_) observer_(to_change(GateChange::To::closed, *work_));
}

GateChange GatedProvider::to_change(GateChange::To to, const GateState::Closure& closure) const {
    return {to, closure.kind, closure.reason, clock_.now() + (closure.until - clock_.uptime())};
}

void GatedProvider::tell(const GateState::Changes& changes) {
    if (changes.closed.empty() && changes.opened.empty()) return;
    waiting_.raise_all();
    for (const GateState::Closure& closure : changes.opened)
        observer_(to_change(GateChange::To::open, closure));
    for (const GateState::Closure& closure : changes.closed)
        observer_(to_change(GateChange::To::closed, closure));
}

asio::awaitable<GateState::Pass> GatedProvider::admitted(CallKind kind) {
    for (;;) {
        if (key_.is_missing()) tell(state_.key_missing(clock_.uptime()));
        const auto admission = state_.admit(kind, clock_.uptime());
        if (admission.pass && admission.pass->probe == GateState::Probe::neutral) {
            co_await probe(*admission.pass);
            continue;
        }
        if (admission.pass) co_return *admission.pass;
        Wake wake(executor_);
        const WakeLine::Place place(waiting_, wake);
        co_await wake.wait_for(clock_, admission.wait);
    }
}

asio::awaitable<void> GatedProvider::probe(GateState::Pass pass) {
    Ticket ticket(*this, pass);
    const auto answer = co_await knock_now();
    ticket.settle(answer);
}

template <class T>
asio::awaitable<Answer<T>> GatedProvider::settled(Operation operation, Ticket& ticket, Answer<T> answer) {
    Reach reach = Reach::all;
    const bool is_in_question = answer.has_error() && state_.is_current(ticket.pass()) &&
                                is_access_in_question(answer.error(), operation);
    if (is_in_question) {
        const auto neutral = co_await knock_now();
        Judgement judgement = judge(answer.error(), operation, neutral);
        answer = std::move(judgement.failure);
        reach = judgement.reach;
    }
    ticket.settle(answer, reach);
    co_return answer;
}

asio::awaitable<Turn> GatedProvider::enter(CallKind kind) {
    for (;;) {
        auto ticket = std::make_unique<Ticket>(*this, co_await admitted(kind));
        ticket->inner = co_await inner_.enter(kind);
        // The gate may have closed in the meantime.
        if (state_.is_current(ticket->pass())) co_return Turn(std::move(ticket));
    }
}

template <class T>
void GatedProvider::count(Operation operation, Millis begun, const Answer<T>& answer) {
    // What failed on our own disk is no call.
    if (answer.has_error() && answer.error().kind == FailureKind::local) return;
    const CodeClass code = answer.has_error() ? code_class(answer.error().http_status) : CodeClass::success;
    std::uint64_t bytes = 0;
    // A download is the only call that answers with a number, and its number is of bytes.
    if constexpr (std::is_same_v<T, std::uint64_t>)
        if (operation == Operation::download && answer) bytes = *answer;
    tally_.add({operation, code}, clock_.uptime() - begun, bytes);
}

asio::awaitable<Answer<void>> GatedProvider::knock_now() {
    const Millis begun = clock_.uptime();
    auto answer = co_await inner_.knock();
    count(Operation::list, begun, answer);
    co_return answer;
}

template <class Ask>
std::invoke_result_t<Ask&, Turn> GatedProvider::within(Operation operation, Turn turn, Ask ask) {
    auto& ticket = static_cast<Ticket&>(*turn.hold());
    const Millis begun = clock_.uptime();
    auto answer = co_await ask(std::move(ticket.inner));
    count(operation, begun, answer);
    co_return co_await settled(operation, ticket, std::move(answer));
}

template <class Ask>
std::invoke_result_t<Ask&> GatedProvider::through(Operation operation, Ask ask) {
    Ticket ticket(*this, co_await admitted(CallKind::other));
    const Millis begun = clock_.uptime();
    auto answer = co_await ask();
    count(operation, begun, answer);
    co_return co_await settled(operation, ticket, std::move(answer));
}

asio::awaitable<Answer<void>> GatedProvider::knock() {
    auto ask = [&] { return inner_.knock(); };
    co_return co_await through(Operation::list, ask);
}

asio::awaitable<Answer<FileObject>> GatedProvider::upload(Turn turn, Path path, std::string filename) {
    auto ask = [&](Turn inner) { return inner_.upload(std::move(inner), path, filename); };
    co_return co_await within(Operation::upload, std::move(turn), ask);
}

asio::awaitable<Answer<FileObject>> GatedProvider::retrieve_file(std::string file_id) {
    auto ask = [&] { return inner_.retrieve_file(file_id); };
    co_return co_await through(Operation::retrieve_file, ask);
}

asio::awaitable<Answer<Page<FileObject>>> GatedProvider::list_files(std::string after) {
    auto ask = [&] { return inner_.list_files(after); };
    co_return co_await through(Operation::list, ask);
}

asio::awaitable<Answer<std::uint64_t>> GatedProvider::download(std::string file_id, Path path) {
    // What lies here waits for no key: the answers of a cancelled job are not kept from it for want of a key.
    if (inner_.is_on_our_disk()) co_return co_await inner_.download(std::move(file_id), std::move(path));
    auto ask = [&] { return inner_.download(file_id, path); };
    co_return co_await through(Operation::download, ask);
}

asio::awaitable<Answer<bool>> GatedProvider::delete_file(std::string file_id) {
    auto ask = [&] { return inner_.delete_file(file_id); };
    co_return co_await through(Operation::delete_file, ask);
}

asio::awaitable<Answer<BatchObject>> GatedProvider::create(Turn turn, NewBatch batch) {
    auto ask = [&](Turn inner) { return inner_.create(std::move(inner), batch); };
    co_return co_await within(Operation::create, std::move(turn), ask);
}

asio::awaitable<Answer<BatchObject>> GatedProvider::retrieve(std::string batch_id) {
    auto ask = [&] { return inner_.retrieve(batch_id); };
    co_return co_await through(Operation::retrieve, ask);
}

asio::awaitable<Answer<Page<BatchObject>>> GatedProvider::list_batches(std::string after) {
    auto ask = [&] { return inner_.list_batches(after); };
    co_return co_await through(Operation::list, ask);
}

asio::awaitable<Answer<BatchObject>> GatedProvider::cancel(std::string batch_id) {
    auto ask = [&] { return inner_.cancel(batch_id); };
    co_return co_await through(Operation::cancel, ask);
}

asio::awaitable<Answer<BatchObject>> GatedProvider::end_now(std::string batch_id) {
    // As a download: nothing is sent for it.
    if (inner_.is_on_our_disk()) co_return co_await inner_.end_now(std::move(batch_id));
    auto ask = [&] { return inner_.end_now(batch_id); };
    co_return co_await through(Operation::retrieve, ask);
}

}  // namespace batchd::provider
