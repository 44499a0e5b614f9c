#include "notify/body/event_json.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace batchd::notify {
namespace {

namespace json = boost::json;

store::Notice done() {
    store::Notice notice;
    notice.at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 27);
    notice.type = "done";
    notice.text = "3 answered, 0 failed";
    notice.job = {.id = store::JobId{12},
                  .name = "articles",
                  .queue = "default",
                  .state = "done",
                  .folder = "/outbox/articles",
                  .requests = 3,
                  .succeeded = 3};
    return notice;
}

TEST(EventJsonTest, HasTypeTimeAndTheJob) {
    EXPECT_EQ(json::serialize(event_json(done())),
              R"({"type":"done","time":"2026-11-27T00:00:00Z","text":"3 answered, 0 failed",)"
              R"("job":{"id":12,"name":"articles","queue":"default","provider":null,"state":"done",)"
              R"("reason":null,"folder":"/outbox/articles","requests":3,"succeeded":3,"failed":0,)"
              R"("input_tokens":0,"output_tokens":0,"created_at":null,"finished_at":null}})");
}

TEST(EventJsonTest, WithoutAJobThatIsNull) {
    store::Notice notice = done();
    notice.job = {};
    EXPECT_TRUE(event_json(notice).at("job").is_null());
}

TEST(EventJsonTest, StaysUnder20KilobytesWhateverStandsInIt) {
    for (const char letter : {'x', '"', '\\', '\x01', '\xff'}) {
        store::Notice notice = done();
        for (std::string* text : {&notice.text, &notice.job.name, &notice.job.queue, &notice.job.provider,
                                  &notice.job.reason, &notice.job.folder})
            text->assign(60000, letter);
        EXPECT_LT(json::serialize(event_json(notice)).size(), 20'000U) << static_cast<int>(letter);
    }
}

}  // namespace
}  // namespace batchd::notify
