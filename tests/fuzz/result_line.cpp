#include "jsonl/result/result_line.hpp"

#include "fuzz/target.hpp"
#include "jsonl/line_reader.hpp"

namespace batchd::fuzz {

void result_line(std::string_view input) {
    static jsonl::ResultParser parser;
    const std::string_view text = input.substr(0, input.find('\n'));
    if (jsonl::is_blank(text)) return;
    const PaddedText line(text);
    const auto row = parser.parse({.text = line.view(), .number = 1});
    if (!row) {
        expect(!row.error().what.empty(), "a line that is no row is told why");
        return;
    }
    expect(!row->custom_id.empty(), "a row has an id");
    if (row->verdict == jsonl::Verdict::succeeded)
        expect(row->status_code / 100 == 2 || row->status_code == 0,
               "an answer that counts as one has status 2xx, or none");
}

}  // namespace batchd::fuzz
