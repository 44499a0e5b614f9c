#include "config/reading/contradictions.hpp"

#include <span>

#include <gtest/gtest.h>

#include "config/problems.hpp"

namespace batchd::config {
namespace {

struct Contradiction {
    const char* toml;
    const char* told;  ///< "" where there is none
};

void expect_all(std::span<const Contradiction> cases) {
    for (const Contradiction& c : cases) EXPECT_EQ(problems(c.toml), c.told) << c.toml;
}

TEST(ContradictionsTest, AKindWithoutAnAddressNeedsOne) {
    constexpr Contradiction kCases[] = {
        {"[provider.a]\nkind = 'azure'",
         "batchd.toml:1: provider.a.base_url is not set: must be the address of the server, for the kind "
         "\"azure\" has "
         "none of its own\n"},
        {"[provider]\nkind = 'direct'",
         "batchd.toml: provider.base_url is not set: must be the address of the server, for the kind "
         "\"direct\" has "
         "none of its own\n"},
        {"[provider.a]\nkind = 'direct'\nbase_url = 'https://gpu/v1'", ""},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, AKeyDoesNotCrossANetworkInTheClearByAccident) {
    constexpr Contradiction kCases[] = {
        {"[provider.gpu]\nkind = 'direct'\nbase_url = 'http://gpu-1:8000/v1'",
         "batchd.toml:3: provider.gpu.base_url is \"http://gpu-1:8000/v1\": must be https:// but for "
         "localhost, "
         "127.0.0.1 and [::1], for the API key and the requests must not cross a network in the clear; "
         "allow_plain_http = true permits it\n"},
        {"[provider.gpu]\nkind = 'direct'\nbase_url = 'http://gpu-1:8000/v1'\nallow_plain_http = true", ""},
        {"[provider.gpu]\nbase_url = 'http://127.0.0.1:8000/v1'", ""},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, AFallbackIsAnotherProviderAndADeadlineNeedsOne) {
    constexpr Contradiction kCases[] = {
        {"[provider.gpu]\n[queue.q]\nprovider = 'gpu'\nfallback = 'gpu'",
         "batchd.toml:4: queue.q.fallback is \"gpu\": must be another provider than queue.q.provider\n"},
        {"[queue.q]\nfallback = 'default'",
         "batchd.toml:2: queue.q.fallback is \"default\": must be another provider than queue.q.provider\n"},
        {"[provider.gpu]\n[queue.q]\nfallback = 'gpus'",
         "batchd.toml:3: queue.q.fallback is \"gpus\": must be the name of a provider, and there is no "
         "[provider.gpus]; did you mean \"gpu\"?\n"},
        {"[queue.q]\ndeadline = '6h'",
         "batchd.toml:2: queue.q.deadline is set: needs queue.q.fallback, for whom what is late is to go "
         "to\n"},
        {"[provider.gpu]\n[queue.q]\nfallback = 'gpu'\ndeadline = '6h'", ""},
        {"[provider.gpu]\n[queue.q]\nprovider = 'gpu'\nfallback = 'default'", ""},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, AWindowIsOneOfTheProviders) {
    constexpr Contradiction kCases[] = {
        {"[provider]\nwindows = ['24h', '7d']\n[batch]\ncompletion_window = '48h'",
         "batchd.toml:4: batch.completion_window is \"48h\": must be one of \"24h\", \"7d\", as "
         "provider.windows has "
         "them\n"},
        {"[provider.a]\nkind = 'azure'\nbase_url = 'https://a/v1'\n[queue.q]\nprovider = "
         "'a'\ncompletion_window = '7d'",
         "batchd.toml:6: queue.q.completion_window is \"7d\": must be one of \"24h\", as provider.a.windows "
         "has "
         "them\n"},
        {"[provider.a]\nkind = 'azure'\nbase_url = 'https://a/v1'\n[queue.q]\nprovider = 'a'\n"
         "[batch]\ncompletion_window = '7d'",
         "batchd.toml:4: queue.q.completion_window is \"7d\" (from [batch]): must be one of \"24h\", as "
         "provider.a.windows has them\n"},
        {"[provider]\nwindows = ['7d']\nsend_window = false", ""},
        {"[provider]\nwindows = ['7d']\n[batch]\ncompletion_window = '7d'", ""},
        {"[batch]\ncompletion_window = '99 days'", ""},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, ABatchIsNoLargerThanItsProviderTakes) {
    constexpr Contradiction kCases[] = {
        {"[batch]\nmax_requests = 50001",
         "batchd.toml:2: batch.max_requests is 50001: must be at most 50000, as provider.max_requests has "
         "it\n"},
        {"[provider]\nmax_requests = 1000000\n[batch]\nmax_requests = 1000000", ""},
        {"[provider]\nmax_requests = 5000", ""},  // the default gives way
        {"[provider]\nmax_bytes = '100MB'\n[batch]\nmax_bytes = '150MB'",
         "batchd.toml:4: batch.max_bytes is \"150MB\": must be at most \"100MB\", as provider.max_bytes has "
         "it\n"},
        {"[batch]\nmax_line = '201MiB'",
         "batchd.toml:2: batch.max_line is \"201MiB\": must be at most \"200MiB\", as provider.max_bytes has "
         "it\n"},
        {"[provider.groq]\nmax_requests = 5000\n[queue.q]\nprovider = 'groq'\nmax_requests = 5001",
         "batchd.toml:5: queue.q.max_requests is 5001: must be at most 5000, as provider.groq.max_requests "
         "has it\n"},
        {"[provider.groq]\nmax_requests = 5000\n[queue.q]\nprovider = 'groq'\n[batch]\nmax_requests = 40000",
         ""},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, MetadataNeedsAProviderThatBearsIt) {
    constexpr Contradiction kCases[] = {
        {"[provider.p]\nmetadata = false\n[queue.q]\nprovider = 'p'\nmetadata = { a = 'b' }",
         "batchd.toml:5: queue.q.metadata is set: must be {}, for provider.p.metadata is false: its batches "
         "bear "
         "none\n"},
        {"[provider.p]\nmetadata = false\n[queue.q]\nprovider = 'p'\n[batch]\nmetadata = { a = 'b' }",
         "batchd.toml:3: queue.q.metadata is set (from [batch]): must be {}, for provider.p.metadata is "
         "false: its "
         "batches bear none\n"},
        {"[provider.p]\nmetadata = false\n[queue.q]\nprovider = 'p'\nmetadata = {}\n[batch]\nmetadata = { a "
         "= 'b' }",
         ""},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, AQueuesProviderIsThere) {
    constexpr Contradiction kCases[] = {
        {"[queue.q]\nprovider = 'azur'\n[provider.azure]",
         "batchd.toml:2: queue.q.provider is \"azur\": must be the name of a provider, and there is no "
         "[provider.azur]; did you mean \"azure\"?\n"},
        {"[queue.q]\nprovider = 'gpu'",
         "batchd.toml:2: queue.q.provider is \"gpu\": must be the name of a provider, and there is no "
         "[provider.gpu]; \"default\" is [provider]\n"},
    };
    expect_all(kCases);
}

TEST(ContradictionsTest, AzureKeepsFilesForTwoWeeksAtLeast) {
    EXPECT_EQ(problems("[provider.a]\nkind = 'azure'\nbase_url = 'https://a/v1'\nfile_expiry = '1d'"),
              "batchd.toml:4: provider.a.file_expiry is \"24h\": must be \"0s\" or from 14d to 30d, which is "
              "what the "
              "kind \"azure\" takes\n");
    EXPECT_EQ(problems("[provider.a]\nkind = 'azure'\nbase_url = 'https://a/v1'\nfile_expiry = '0s'"), "");
}

TEST(ContradictionsTest, AreNotToldOfWhatIsWrongByItself) {
    EXPECT_EQ(problems("[provider.a]\nkind = 'azure'\nbase_url = 5"),
              "batchd.toml:3: provider.a.base_url is 5: must be an https:// address without user, query or "
              "fragment, "
              "such as \"https://api.openai.com/v1\"\n");
}

std::string problems_with(const Checks& checks, const std::string& toml) {
    return problems_of(load_sources({{"batchd.toml", toml}}, kNothing, checks));
}

TEST(ChecksTest, AreAskedForWhatIsSetAndToldInItsPlace) {
    const Checks checks{.timezone = [](const std::string& zone) -> Checks::Fault {
                            if (zone == "Europe/Berlin") return std::nullopt;
                            if (zone.empty()) return "is not set, and this machine has none";
                            return "is \"" + zone + "\": must be a time zone of this machine";
                        },
                        .schedule = [](const std::string& schedule) -> Checks::Fault {
                            if (schedule != "0 0 31 2 *") return std::nullopt;
                            return "never comes";
                        },
                        .group = [](const std::string& group) -> Checks::Fault {
                            if (group == "root") return std::nullopt;
                            return "is \"" + group + "\": must be a Unix group";
                        }};
    EXPECT_EQ(problems_with(checks, "[queue.q]"), "");
    EXPECT_EQ(
        problems_with(checks, "[queue.q]\nschedule = '@daily'\ntimezone = 'Europe/Berlin'\ngroup = 'root'"),
        "");
    EXPECT_EQ(problems_with(checks, "[queue.q]\ntimezone = 'Berlin'\nschedule = '0 0 31 2 *'\ngroup = 'x'"),
              "batchd.toml:3: queue.q.schedule never comes\n"
              "batchd.toml:2: queue.q.timezone is \"Berlin\": must be a time zone of this machine\n"
              "batchd.toml:4: queue.q.group is \"x\": must be a Unix group\n");
    // A schedule without one is read by the machine's.
    const std::string problem = problems_with(checks, "[queue.q]\nschedule = '@daily'");
    EXPECT_NE(problem.find("queue.q.timezone is not set, and this machine has none"), std::string::npos)
        << problem;
}

}  // namespace
}  // namespace batchd::config
