#include <gtest/gtest.h>

#include <vector>

#include <sys/resource.h>

#include "web/site_bench.hpp"
#include "web/submit/pending_uploads.hpp"
#include "web/submit/receive_file.hpp"

namespace batchd::web {
namespace {

using server::has;

TEST(SubmitTest, ShowsWhatIsWrongBeforeAnythingIsSent) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "wrong"));
    ASSERT_TRUE(page.starts_with("/submit/")) << page;
    const std::string answer = bench.get(page);
    EXPECT_TRUE(has(answer, "It would be rejected"));
    EXPECT_TRUE(has(answer, "&lt;b&gt;id&lt;/b&gt;"));
    EXPECT_TRUE(has(answer, "no &quot;body&quot;"));
    EXPECT_FALSE(has(answer, "/send\""));
    EXPECT_FALSE(std::filesystem::exists(bench.inbox() / "articles.jsonl"));
}

TEST(SubmitTest, PutsAFileIntoTheInboxOnceItIsSentAndOnlyOnce) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    EXPECT_EQ(bench.files_in_inbox(), 1U) << "hidden, until somebody decides";
    const std::string fields = "form=" + bench.form_token();
    EXPECT_TRUE(bench.post(page + "/send", "form=0").starts_with("HTTP/1.1 403 "));
    EXPECT_EQ(location(bench.post(page + "/send", fields)), page);
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.jsonl"), "{}\n");
    EXPECT_EQ(bench.files_in_inbox(), 1U);
}

TEST(SubmitTest, WhoSendsItOnceMoreIsToldThatItIsThere) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    const std::string fields = "form=" + bench.form_token();
    bench.post(page + "/send", fields);
    std::filesystem::remove(bench.inbox() / "articles.jsonl");  // by the daemon, who has taken it
    for (const char* again : {"/send", "/discard"}) {
        EXPECT_EQ(location(bench.post(page + again, fields)), page) << again;
        const std::string shown = bench.get(page);
        EXPECT_TRUE(shown.starts_with("HTTP/1.1 200 ")) << shown;
        EXPECT_TRUE(has(shown, "articles.jsonl is in the inbox.")) << shown;
        EXPECT_TRUE(has(shown, "need not be sent again")) << shown;
    }
    EXPECT_EQ(bench.files_in_inbox(), 0U);
    const std::string unknown = bench.get("/submit/nobody-knows");
    EXPECT_TRUE(unknown.starts_with("HTTP/1.1 404 ")) << unknown;
    EXPECT_TRUE(has(unknown, "send it again only where it is not there")) << unknown;
}

TEST(SubmitTest, ManyClicksAtOnceSendItOnceAndAllHearTheSame) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    const std::string fields = "form=" + bench.form_token();
    std::vector<server::Client> clicks;
    for (int i = 0; i < 20; ++i) {
        clicks.push_back(bench.connect());
        clicks.back().send("POST " + page + "/send HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                           bench.cookie() + "Content-Length: " + std::to_string(fields.size()) + "\r\n\r\n" +
                           fields);
    }
    for (server::Client& click : clicks) EXPECT_EQ(location(click.read_to_end()), page);
    EXPECT_EQ(bench.files_in_inbox(), 1U);
}

TEST(SubmitTest, WhatCouldNotBeSentCanBeSentOnceItCan) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    const std::string fields = "form=" + bench.form_token();
    const Path aside = bench.inbox().string() + ".aside";
    std::filesystem::rename(bench.inbox(), aside);
    EXPECT_TRUE(bench.post(page + "/send", fields).starts_with("HTTP/1.1 503 "));
    std::filesystem::rename(aside, bench.inbox());
    EXPECT_EQ(location(bench.post(page + "/send", fields)), page);
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.jsonl"), "{}\n");
}

/// Nothing more can be opened, as where the disk under a folder has gone bad.
class NothingOpens {
public:
    NothingOpens() {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NothingOpens() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST(PublishTest, WhatIsInTheInboxIsSentThoughItsFolderCanNotBeSynced) {
    testing::TempDir directory;
    auto drop = spool::InboxDrop::create(directory.path(), "articles").value();
    ASSERT_TRUE(drop.finish());
    const auto published = [&] {
        const NothingOpens here;
        return publish(drop);
    }();
    EXPECT_TRUE(published);
    EXPECT_TRUE(std::filesystem::exists(directory.path() / "articles.jsonl"));
}

Upload upload_in(const testing::TempDir& directory, Millis since) {
    return {spool::InboxDrop::create(directory.path(), "a", spool::DropWriter::page).value(),
            "nightly",
            {},
            since};
}

TEST(PendingUploadsTest, WhatIsBeingSentStaysAndWhatWasSentIsKnownForAsLong) {
    testing::TempDir directory;
    PendingUploads uploads;
    const std::string sending = uploads.add(upload_in(directory, Millis{1}));
    uploads.find(sending)->is_being_sent = true;
    const std::string waiting = uploads.add(upload_in(directory, Millis{2}));
    while (uploads.find(waiting) != nullptr) uploads.add(upload_in(directory, Millis{3}));
    uploads.forget_old(2 * PendingUploads::kPatience);
    ASSERT_NE(uploads.find(sending), nullptr) << "neither the newest nor the time takes it away";
    EXPECT_EQ(uploads.find_sent(sending), nullptr);
    uploads.remember_sent(sending, 2 * PendingUploads::kPatience);
    EXPECT_EQ(uploads.find(sending), nullptr);
    uploads.forget_old(3 * PendingUploads::kPatience);
    ASSERT_NE(uploads.find_sent(sending), nullptr);
    EXPECT_EQ(uploads.find_sent(sending)->file, "a.jsonl");
    EXPECT_EQ(uploads.find_sent(sending)->queue, "nightly");
    uploads.forget_old(3 * PendingUploads::kPatience + Millis{1});
    EXPECT_EQ(uploads.find_sent(sending), nullptr);
}

TEST(SubmitTest, ReplacesNoFileOfTheSameName) {
    SiteBench bench;
    for (const char* content : {"first", "second"}) {
        const std::string page = location(bench.upload("articles.jsonl", content));
        bench.post(page + "/send", "form=" + bench.form_token());
    }
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.jsonl"), "first");
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.2.jsonl"), "second");
}

TEST(SubmitTest, LeavesNothingOfWhatIsThrownAway) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    EXPECT_EQ(location(bench.post(page + "/discard", "form=" + bench.form_token())), "/submit");
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, LeavesNothingOfWhatBrokeOff) {
    SiteBench bench;
    {
        auto client = bench.connect();
        client.send(
            "POST /submit HTTP/1.1\r\nHost: localhost\r\n" + bench.cookie() +
            "Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: 100000\r\n\r\n"
            "--XX\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n" +
            bench.form_token() +
            "\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n" +
            std::string(5000, 'x'));
    }
    // Another request on the same thread is answered after the first has seen its end; in between there may
    // be turns of the pool's.
    for (int i = 0; i < 1000 && bench.files_in_inbox() > 0; ++i) bench.get("/healthz");
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, WhoSendsAllOfAFileHearsWhyItWasRefused) {
    SiteBench bench;
    const std::string file(10'000'000, 'x');
    const auto send = [&](const std::string& target, const std::string& headers) {
        return bench.ask("POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
                         "Content-Length: 10000000\r\n\r\n" + file);
    };
    EXPECT_TRUE(send("/submit", "").starts_with("HTTP/1.1 401 "));
    const std::string wrong = "Authorization: Bearer 0\r\n",
                      right = "Authorization: Bearer " + bench.token() + "\r\n";
    EXPECT_TRUE(send("/api/v1/jobs?name=n", wrong).starts_with("HTTP/1.1 401 "));
    EXPECT_TRUE(send("/api/v1/jobs?name=a/b", right).starts_with("HTTP/1.1 400 "));
    const std::string elsewhere = send("/api/v1/jobs?name=n&queue=none", right);
    EXPECT_TRUE(has(elsewhere, "there is no queue none")) << elsewhere;
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, WritesNothingForAFormThatIsNotOurs) {
    SiteBench bench;
    const std::string body =
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\nx\r\n--XX--\r\n";
    const std::string answer =
        bench.post("/submit", body, "Content-Type: multipart/form-data; boundary=XX\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, TakesTheNameOfAFileAndNoPath) {
    SiteBench bench;
    const std::string page = location(bench.upload("..%2F..\\..%2Fetc/x.jsonl", "{}\n"));
    bench.post(page + "/send", "form=" + bench.form_token());
    EXPECT_EQ(testing::slurp(bench.inbox() / "x.jsonl"), "{}\n");
    EXPECT_TRUE(bench.upload("../", "{}").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(bench.upload(std::string(300, 'n'), "{}").starts_with("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace batchd::web
