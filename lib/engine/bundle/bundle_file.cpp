#include "engine/bundle/bundle_file.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/json_file.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

// 50,000 members, of one request each, take less than a tenth of it.
constexpr std::size_t kBundleBytesMax = 64 * 1024 * 1024;
// Most members have a few requests, and there may be tens of thousands, one behind the other.
constexpr std::size_t kMemberBufferBytes = 16 * 1024;

/// Throws where a member is missing or of another kind.
BundleFile bundle_of(const json::value& value) {
    const json::object& object = value.as_object();
    BundleFile bundle;
    bundle.provider = std::string(object.at("provider").as_string());
    bundle.endpoint = std::string(object.at("endpoint").as_string());
    bundle.model = std::string(object.at("model").as_string());
    bundle.estimated_tokens = object.at("estimated_tokens").to_number<std::uint64_t>();
    for (const json::value& item : object.at("members").as_array()) {
        const json::object& member = item.as_object();
        const std::string job_key(member.at("job").as_string());
        // It becomes part of a path.
        if (!spool::is_job_key(job_key)) throw std::invalid_argument("a member is no job");
        bundle.members.push_back({job_key, member.at("shard").to_number<std::uint64_t>(),
                                  member.at("requests").to_number<std::uint64_t>()});
    }
    return bundle;
}

/// False for what is wrong with the member's own file; an error that any other would meet as well stays one.
Result<bool> unless_its_own(const Error& error) {
    return jsonl::is_of_these_rows(error) ? Result<bool>(false) : error;
}

/// Appends the rows of one member, numbered on. False where they can't be read as they were written.
Result<bool> append_member(const spool::Layout& layout, const BundleMember& member, std::uint64_t& number,
                           jsonl::RowFileWriter& writer) {
    const Path prepared = layout.shard_file(member.job_key, {member.shard, 1}, spool::ShardFile::prepared);
    auto reader = jsonl::RowFileReader::open(prepared, kMemberBufferBytes);
    if (!reader) return unless_its_own(reader.error());
    const std::uint64_t before = number;
    std::string line;
    for (jsonl::Row row;;) {
        const auto more = reader->next(row);
        if (!more) return unless_its_own(more.error());
        // The database knows whose a row is by its number alone: with one row too few, the answers of all
        // who come behind would go to the wrong jobs.
        if (!*more) return number - before == member.requests;
        // Not under the user's own: two jobs may use the same ids, and an answer would be of either of them.
        const std::string id = jsonl::wire_id(member.job_key, row.line_number);
        line.clear();
        if (!jsonl::id_of_prepared(row.text) || !jsonl::append_with_id(row.text, '"' + id + '"', line))
            return false;  // no request of ours
        if (auto put = writer.append(++number, digest128(id), line); !put) return put.error();
    }
}

}  // namespace

Result<void> write_bundle_file(const Path& path, const BundleFile& bundle) {
    json::array members;
    for (const BundleMember& member : bundle.members)
        members.push_back(
            json::object{{"job", member.job_key}, {"shard", member.shard}, {"requests", member.requests}});
    const json::object object{{"provider", bundle.provider},
                              {"endpoint", bundle.endpoint},
                              {"model", bundle.model},
                              {"estimated_tokens", bundle.estimated_tokens},
                              {"members", std::move(members)}};
    return replace_file(path, json::serialize(object) + "\n");
}

Result<BundleFile> read_bundle_file(const Path& path) {
    return read_json_file(path, kBundleBytesMax, bundle_of);
}

Result<BundleText> write_bundle(const spool::Layout& layout, const std::string& bundle_key,
                                const BundleFile& bundle) {
    if (auto made = make_directory(layout.work_directory(bundle_key)); !made) return made.error();
    // What is half written is known by it, and is thrown away at the next start.
    if (auto written = write_bundle_file(layout.bundle(bundle_key), bundle); !written) return written.error();
    // In the order of the members, from row 1 on, as the ranges in the database have them.
    auto writer =
        jsonl::RowFileWriter::create(layout.shard_file(bundle_key, {1, 1}, spool::ShardFile::prepared));
    if (!writer) return writer.error();
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bundle.members.size(); ++i) {
        const auto appended = append_member(layout, bundle.members[i], number, *writer);
        if (!appended) return appended.error();
        if (!*appended) return BundleText{.unreadable = i};
    }
    if (auto committed = writer->commit(); !committed) return committed.error();
    return BundleText{.requests = writer->count(), .size_bytes = writer->size_bytes()};
}

}  // namespace batchd::engine
