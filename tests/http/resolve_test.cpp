#include "http/resolve.hpp"

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>

#include "http/scripted_names.hpp"
#include "support/run.hpp"

namespace batchd::http {
namespace {

using namespace std::chrono_literals;
using testing::run;

TEST(ResolveTest, AnAddressIsItsOwnAnswer) {
    boost::asio::io_context context(1);
    EXPECT_EQ(run(context, resolve("127.0.0.1", 5s)).value(), (std::vector<std::string>{"127.0.0.1"}));
    EXPECT_EQ(run(context, resolve("::1", 5s)).value(), (std::vector<std::string>{"::1"}));
}

TEST(ResolveTest, LocalhostIsThisMachineWithoutAskingAnybody) {
    testing::ScriptedNames names;
    for (const char* name : {"localhost", "LocalHost", "gpu.localhost", "A.B.Localhost"}) {
        names.answer(name, {"192.0.2.7"});
        boost::asio::io_context context(1);
        EXPECT_EQ(run(context, resolve(name, 30s)).value(), (std::vector<std::string>{"127.0.0.1", "::1"}))
            << name;
    }
}

TEST(ResolveTest, ANameThatCannotExistHasNone) {
    boost::asio::io_context context(1);
    // A label has at most 63 bytes, so no name server is asked.
    const std::string name = std::string(70, 'x') + ".invalid";
    EXPECT_TRUE(run(context, resolve(name, 30s)).has_error());
}

TEST(ResolveTest, ANameServerThatDoesNotAnswerIsGivenUp) {
    testing::ScriptedNames names;
    names.hang("slow.invalid");
    boost::asio::io_context context(1);
    const auto addresses = run(context, resolve("slow.invalid", 20ms));
    ASSERT_TRUE(addresses.has_error());
    EXPECT_EQ(addresses.error().code, boost::asio::error::timed_out);
}

TEST(ResolveTest, GivesTheAddressesInTheSystemsOrder) {
    testing::ScriptedNames names;
    names.answer("two.invalid", {"192.0.2.7", "2001:db8::1", "192.0.2.1"});
    boost::asio::io_context context(1);
    EXPECT_EQ(run(context, resolve("two.invalid", 5s)).value(),
              (std::vector<std::string>{"192.0.2.7", "2001:db8::1", "192.0.2.1"}));
}

}  // namespace
}  // namespace batchd::http
