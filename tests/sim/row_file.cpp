#include "sim/row_file.hpp"

#include <cstring>
#include <limits>

namespace batchd::sim {
namespace {

void put(std::string& into, std::uint64_t number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    into.append(bytes, sizeof number);
}

void put(std::string& into, const std::string& text) {
    put(into, std::uint64_t{text.size()});
    into += text;
}

/// Takes values off the front of what a RowFileWriter wrote.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    bool at_end() const { return rest_.empty(); }
    bool broken() const { return broken_; }

    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::string_view bytes = take(sizeof value);
        if (!broken_) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::string text() { return std::string(take(number())); }

private:
    std::string_view take(std::uint64_t size) {
        broken_ = broken_ || size > rest_.size();
        if (broken_) return rest_ = {};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool broken_ = false;
};

}  // namespace

void RowFileWriter::add(const InputRow& row) {
    record_.clear();
    put(record_, row.custom_id);
    put(record_, row.model);
    put(record_, row.text);
    put(record_, row.input_tokens);
    put(record_, row.inputs);
    put(record_, row.dimensions);
    put(record_, row.bad_param);
    file_.append(record_);
}

Result<std::vector<InputRow>> read_row_file(const Path& path) {
    const auto content = read_file(path, std::numeric_limits<std::size_t>::max());
    if (!content) return content.error();
    std::vector<InputRow> rows;
    Reader reader(*content);
    while (!reader.at_end()) {
        InputRow& row = rows.emplace_back();
        row.custom_id = reader.text();
        row.model = reader.text();
        row.text = reader.text();
        row.input_tokens = reader.number();
        row.inputs = reader.number();
        row.dimensions = reader.number();
        row.bad_param = reader.text();
    }
    if (reader.broken()) return error(Errc::corrupt, path.string());
    return rows;
}

}  // namespace batchd::sim
