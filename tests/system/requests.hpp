#pragma once

#include <string>
#include <vector>

namespace batchd::testing {

/// A request line for the chat endpoint, without its end.
std::string chat_line(const std::string& custom_id, const std::string& model = "gpt-4o-mini");
std::string embedding_line(const std::string& custom_id);
/// `count` chat lines with the ids article_1, article_2, …
std::string articles(unsigned count);
/// Lines made into the content of a file.
std::string file_of(const std::vector<std::string>& lines);
/// {"article_1", …, "article_COUNT"}
std::vector<std::string> article_ids(unsigned count);

}  // namespace batchd::testing
