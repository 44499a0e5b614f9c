#include "system/requests.hpp"

namespace batchd::testing {

std::string chat_line(const std::string& custom_id, const std::string& model) {
    return R"({"custom_id":")" + custom_id +
           R"(","method":"POST","url":"/v1/chat/completions","body":{"model":")" + model +
           R"(","messages":[{"role":"user","content":"Summarise )" + custom_id + R"("}]}})";
}

std::string embedding_line(const std::string& custom_id) {
    return R"({"custom_id":")" + custom_id +
           R"(","url":"/v1/embeddings","body":{"model":"text-embedding-3-small","dimensions":8,"input":"About )" +
           custom_id + R"("}})";
}

std::string articles(unsigned count) {
    std::vector<std::string> lines;
    for (const std::string& id : article_ids(count)) lines.push_back(chat_line(id));
    return file_of(lines);
}

std::string file_of(const std::vector<std::string>& lines) {
    std::string content;
    for (const std::string& line : lines) content += line + "\n";
    return content;
}

std::vector<std::string> article_ids(unsigned count) {
    std::vector<std::string> ids;
    for (unsigned i = 1; i <= count; ++i) ids.push_back("article_" + std::to_string(i));
    return ids;
}

}  // namespace batchd::testing
