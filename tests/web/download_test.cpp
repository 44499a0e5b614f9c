#include <gtest/gtest.h>

#include <cstdlib>

#include "web/download/tar.hpp"
#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

std::string content_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(FolderDownloadTest, AFolderIsOneArchive) {
    SiteBench bench;
    bench.add_job("articles", "0123456789");
    bench.put("job.json", "{}");
    bench.put("private.txt", "of somebody who may write there");
    const std::string answer = bench.get("/jobs/1/folder.tar");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer.substr(0, 200);
    EXPECT_TRUE(has(answer, "Content-Disposition: attachment; filename=\"articles.tar\""));
    EXPECT_TRUE(has(answer, "Content-Length: 3072\r\n")) << "two files of two blocks each, and two of zeros";
    testing::TempDir dir;
    const Path archive = dir.write("a.tar", content_of(answer));
    ASSERT_EQ(std::system(("tar -xf " + archive.string() + " -C " + dir.path().string()).c_str()), 0);
    EXPECT_EQ(testing::slurp(dir.path() / "articles/output.jsonl"), "0123456789");
    EXPECT_EQ(testing::slurp(dir.path() / "articles/job.json"), "{}");
    EXPECT_FALSE(std::filesystem::exists(dir.path() / "articles/private.txt"));
}

TEST(FolderDownloadTest, AnArchiveHasNoLinksInIt) {
    SiteBench bench;
    bench.add_job("articles", "x");
    std::filesystem::create_symlink("/etc/passwd", bench.inbox().parent_path() / "outbox/0/errors.jsonl");
    EXPECT_FALSE(has(bench.get("/jobs/1/folder.tar"), "errors.jsonl"));
}

TEST(FolderDownloadTest, OfAFolderThatIsGoneIsNotFound) {
    SiteBench bench;
    bench.add_job("articles", "x");
    std::filesystem::remove_all(bench.inbox().parent_path() / "outbox/0");
    EXPECT_TRUE(bench.get("/jobs/1/folder.tar").starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(bench.get("/jobs/2/folder.tar").starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(bench.get("/jobs/1/x/folder.tar").starts_with("HTTP/1.1 404 "));
}

TEST(FolderDownloadTest, OfMoreThanAPieceIsWhole) {
    SiteBench bench;
    const std::string large(3'000'001, 'x');
    bench.add_job("large", large);
    EXPECT_EQ(content_of(bench.get("/jobs/1/folder.tar")).size(), 3'000'320 + 3 * kTarBlock);
    EXPECT_EQ(content_of(bench.get("/jobs/1/files/output.jsonl", "Range: bytes=1000000-\r\n")).size(),
              2'000'001U);
}

/// The value of a header.
std::string header_of(const std::string& answer, const std::string& name) {
    const auto at = answer.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

TEST(FileDownloadTest, GoesOnOnlyWithTheSameFile) {
    SiteBench bench;
    bench.add_job("articles", "0123456789");
    const std::string path = "/jobs/1/files/output.jsonl";
    const std::string whole = bench.get(path);
    const std::string etag = header_of(whole, "ETag"), date = header_of(whole, "Last-Modified");
    ASSERT_TRUE(etag.starts_with('"') && etag.ends_with('"')) << whole;
    ASSERT_TRUE(date.ends_with(" GMT")) << whole;
    const auto rest = [&](const std::string& of) {
        return bench.get(path, "Range: bytes=4-\r\nIf-Range: " + of + "\r\n");
    };
    for (const std::string& same : {etag, date}) {
        EXPECT_TRUE(rest(same).starts_with("HTTP/1.1 206 ")) << same;
        EXPECT_EQ(content_of(rest(same)), "456789");
    }
    EXPECT_TRUE(bench.get(path, "If-None-Match: " + etag + "\r\n").starts_with("HTTP/1.1 304 "));
    bench.put("output.jsonl", "other answers");
    EXPECT_TRUE(rest(etag).starts_with("HTTP/1.1 200 ")) << rest(etag);
    EXPECT_EQ(content_of(rest(etag)), "other answers");
    EXPECT_TRUE(bench.get(path, "If-None-Match: " + etag + "\r\n").starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(content_of(rest("Fri, 01 Jan 2021 00:00:00 GMT")), "other answers");
}

TEST(FolderDownloadTest, GoesOnWhereItBrokeOff) {
    SiteBench bench;
    bench.add_job("articles", std::string(700, 'a'));
    bench.put("job.json", "{}");
    const std::string path = "/jobs/1/folder.tar";
    const std::string answer = bench.get(path), whole = content_of(answer), etag = header_of(answer, "ETag");
    EXPECT_EQ(header_of(answer, "Accept-Ranges"), "bytes");
    ASSERT_EQ(whole.size(), 512U + 1024 + 512 + 512 + 1024);
    // In and at the ends of headers, contents, padding and the two last blocks.
    for (const std::size_t at :
         {0U, 1U, 100U, 511U, 512U, 513U, 1211U, 1212U, 1300U, 1536U, 2047U, 2049U, 2050U, 3000U, 3583U}) {
        const std::string from = std::to_string(at);
        const std::string rest = bench.get(path, "Range: bytes=" + from + "-\r\nIf-Range: " + etag + "\r\n");
        ASSERT_TRUE(rest.starts_with("HTTP/1.1 206 ")) << rest.substr(0, 200);
        EXPECT_EQ(header_of(rest, "Content-Range"), "bytes " + from + "-3583/3584");
        EXPECT_EQ(content_of(rest), whole.substr(at)) << "from " << at;
        EXPECT_EQ(content_of(bench.get(path, "Range: bytes=" + from + "-" + from + "\r\n")),
                  whole.substr(at, 1));
    }
    const std::string beyond = bench.get(path, "Range: bytes=3584-\r\n");
    EXPECT_TRUE(beyond.starts_with("HTTP/1.1 416 "));
    EXPECT_EQ(header_of(beyond, "Content-Range"), "bytes */3584");
    EXPECT_TRUE(bench.get(path, "If-None-Match: " + etag + "\r\n").starts_with("HTTP/1.1 304 "));
}

TEST(FolderDownloadTest, GoesOnOnlyWithTheSameFiles) {
    SiteBench bench;
    bench.add_job("articles", "0123456789");
    bench.put("job.json", "{}");
    const std::string path = "/jobs/1/folder.tar";
    const std::string etag = header_of(bench.get(path), "ETag");
    bench.put("job.json", "[]");
    const std::string answer = bench.get(path, "Range: bytes=10-\r\nIf-Range: " + etag + "\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer.substr(0, 200);
    EXPECT_NE(header_of(answer, "ETag"), etag);
    bench.put("errors.jsonl", "{}\n");
    EXPECT_NE(header_of(bench.get(path), "ETag"), header_of(answer, "ETag"));
}

TEST(FolderDownloadTest, NoNameGetsIntoAHeader) {
    SiteBench bench;
    bench.add_job("a\r\nSet-Cookie: evil=1\r\n\r\n", "x");
    for (const char* path : {"/jobs/1/folder.tar", "/jobs/1/files/output.jsonl"}) {
        const std::string answer = bench.get(path);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
        EXPECT_FALSE(has(answer, "\r\nSet-Cookie")) << answer;
    }
}

}  // namespace
}  // namespace batchd::web
