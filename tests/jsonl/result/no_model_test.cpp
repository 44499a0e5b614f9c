#include "jsonl/result/no_model.hpp"

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

TEST(NoModelTest, IsKnownByAMessageWhereNoCodeOrParamSaysIt) {
    for (const char* const message :
         {"The model `gpt-4o-mini` is not supported by the Batch API.", "Model x does not support batch",
          "Batch is not supported for model x", "Model x is not available to this account.",
          "The model `x` does not exist or you do not have access to it.",
          "Project p does not have access to model x", "no such deployment",
          "This model is only supported in v1/responses and not in v1/chat/completions."})
        EXPECT_TRUE(names_no_model("invalid_request_error", "", message)) << message;
    for (const char* const message :
         {"", "Unsupported parameter: 'max_tokens' is not supported with this model.",
          "This model does not support image inputs", "No such File object: file-1", "Not Found",
          "The model is overloaded", "Batch file not found", "The batch is not supported"})
        EXPECT_FALSE(names_no_model("invalid_request_error", "", message)) << message;
}

TEST(NoModelTest, AParamThatIsAboutSomethingElseGoesBeforeTheMessage) {
    const char* const message = "'n' is not supported with this model in batch";
    EXPECT_FALSE(names_no_model("", "n", message));
    EXPECT_TRUE(names_no_model("", "body.model", message));
    EXPECT_FALSE(names_no_model("mismatched_model", "model", "The model does not exist in this batch"));
}

}  // namespace
}  // namespace batchd::jsonl
