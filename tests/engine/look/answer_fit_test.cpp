#include "engine/look/answer_fit.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

struct BatchCase {
    const char* mark;      // "-": it shows none
    const char* file;      // "": likewise
    const char* endpoint;  // "": likewise
    Fit fit;
};

TEST(AnswerFitTest, ABatchIsJudgedByMarkThenEndpointThenFile) {
    const AskedBatch asked{.key = "k", .input_file_id = "file-1", .endpoint = "/v1/embeddings"};
    const BatchCase cases[] = {
        {"k", "file-1", "/v1/embeddings", Fit::ours},
        {"k", "another", "/v1/embeddings", Fit::ours},  // a gateway's name for our file
        {"k", "", "", Fit::ours},
        {"other", "file-1", "/v1/embeddings", Fit::foreign},
        {"other", "", "", Fit::foreign},
        {"-", "file-1", "/v1/embeddings", Fit::ours},
        {"-", "file-1", "", Fit::ours},
        {"-", "file-1", "/v1/responses", Fit::foreign},
        {"-", "another", "/v1/embeddings", Fit::unclear},
        {"-", "another", "/v1/responses", Fit::foreign},
        {"-", "", "/v1/embeddings", Fit::unclear},
        {"-", "", "", Fit::unclear},
    };
    for (const BatchCase& c : cases) {
        provider::BatchObject batch;
        batch.input_file_id = c.file;
        batch.endpoint = c.endpoint;
        if (std::string(c.mark) != "-") batch.metadata["batchd_key"] = c.mark;
        EXPECT_EQ(fit_of(batch, asked), c.fit) << c.mark << ' ' << c.file << ' ' << c.endpoint;
    }
}

TEST(AnswerFitTest, AFileIsJudgedBySizeAndName) {
    const SentFile sent{.filename = "batchd-k.jsonl", .size_bytes = 10};
    const auto fit = [&](const char* name, std::uint64_t size_bytes) {
        return fit_of(provider::FileObject{.id = "f", .filename = name, .size_bytes = size_bytes}, sent);
    };
    EXPECT_EQ(fit("batchd-k.jsonl", 10), Fit::ours);
    EXPECT_EQ(fit("batchd-k.jsonl", 0), Fit::ours);
    EXPECT_EQ(fit("batchd-k.jsonl", 9), Fit::foreign);
    EXPECT_EQ(fit("another.jsonl", 10), Fit::foreign);
    EXPECT_EQ(fit("", 10), Fit::unclear);
    EXPECT_EQ(fit("", 0), Fit::unclear);
    EXPECT_EQ(fit("", 11), Fit::foreign);
}

}  // namespace
}  // namespace batchd::engine
