#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/notify/sender.hpp"

namespace batchd::testing {

/// Receivers in memory: each message is on record, and answered as a test wants it.
class ScriptedSender final : public engine::Sender {
public:
    struct Message {
        std::string name;  ///< of the target
        std::vector<store::Notice> notices;
    };

    boost::asio::awaitable<notify::SendResult> send(const std::string& name, const config::NotifyTarget&,
                                                    std::vector<store::Notice> notices) override {
        Message message{name, std::move(notices)};
        notify::SendResult verdict =
            answer ? answer(message) : notify::SendResult{true, "it answered 200", {}};
        (verdict.got_through ? received : refused).push_back(std::move(message));
        co_return verdict;
    }

    /// Keys of the notices that got through to a target, in order.
    std::vector<std::string> keys(const std::string& name) const {
        std::vector<std::string> all;
        for (const Message& message : received)
            if (message.name == name)
                for (const store::Notice& notice : message.notices) all.push_back(notice.key);
        return all;
    }

    std::function<notify::SendResult(const Message&)> answer;
    std::vector<Message> received, refused;
};

}  // namespace batchd::testing
