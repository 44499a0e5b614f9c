#include "http/idle_connections.hpp"

namespace batchd::http {
namespace {

/// Servers close idle connections after a while; from then on reuse is a gamble.
constexpr Millis kIdleMax = std::chrono::seconds(30);
/// A POST is not repeated, so it gambles less: Node's servers and uvicorn, the most impatient common ones,
/// wait 5 s.
constexpr Millis kIdleMaxForPost = std::chrono::seconds(2);

}  // namespace

void IdleConnections::close(Millis idle_for, Millis now) {
    // Whoever was used last stands last, so that those in front are the oldest.
    while (!idle_.empty() && now - idle_.front().since >= idle_for) idle_.pop_front();
}

std::unique_ptr<Connection> IdleConnections::take(Method method, Millis now) {
    close(kIdleMax, now);
    while (!idle_.empty()) {
        // Those before it have rested for longer still.
        if (method == Method::post && now - idle_.back().since > kIdleMaxForPost) return nullptr;
        auto connection = std::move(idle_.back().connection);
        idle_.pop_back();
        // One on which something came unasked, above all the server's end, is closed on the way.
        if (connection->is_quiet()) return connection;
    }
    return nullptr;
}

void IdleConnections::keep(std::unique_ptr<Connection> connection, Millis now) {
    close(kIdleMax, now);
    connection->rest();
    idle_.push_back({std::move(connection), now});
}

}  // namespace batchd::http
