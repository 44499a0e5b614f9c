#include "engine/plan/plan_file.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "engine/json_file.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

// A hundred thousand shards have some twenty megabytes.
constexpr std::size_t kPlanBytesMax = 64 * 1024 * 1024;

json::object shard_json(const Shard& shard) {
    return {{"number", shard.number},
            {"endpoint", shard.endpoint},
            {"model", shard.model},
            {"requests", shard.requests},
            {"bytes", shard.size_bytes},
            {"estimated_tokens", shard.estimated_tokens},
            {"inputs", shard.embedding_inputs}};
}

/// Throws where a member is missing or of another kind.
Shard shard_of(const json::value& value) {
    const json::object& object = value.as_object();
    Shard shard;
    shard.number = object.at("number").to_number<std::uint64_t>();
    shard.endpoint = std::string(object.at("endpoint").as_string());
    shard.model = std::string(object.at("model").as_string());
    shard.requests = object.at("requests").to_number<std::uint64_t>();
    shard.size_bytes = object.at("bytes").to_number<std::uint64_t>();
    shard.estimated_tokens = object.at("estimated_tokens").to_number<std::uint64_t>();
    // Not there in what an earlier batchd wrote.
    if (const json::value* const inputs = object.if_contains("inputs"); inputs != nullptr)
        shard.embedding_inputs = inputs->to_number<std::uint64_t>();
    return shard;
}

Plan plan_of(const json::value& value) {
    const json::object& object = value.as_object();
    Plan plan;
    plan.totals.requests = object.at("requests").to_number<std::uint64_t>();
    plan.totals.bad_lines = object.at("bad_lines").to_number<std::uint64_t>();
    plan.totals.size_bytes = object.at("bytes").to_number<std::uint64_t>();
    plan.totals.sha256 = std::string(object.at("sha256").as_string());
    for (const json::value& shard : object.at("shards").as_array()) plan.shards.push_back(shard_of(shard));
    // Not there in what an earlier batchd wrote.
    if (const json::value* const terms = object.if_contains("terms"); terms != nullptr)
        plan.terms = read_terms(json::serialize(*terms)).value();
    return plan;
}

}  // namespace

Result<void> write_plan_file(const Path& path, const Plan& plan) {
    json::array shards;
    for (const Shard& shard : plan.shards) shards.push_back(shard_json(shard));
    const json::object object{
        {"requests", plan.totals.requests}, {"bad_lines", plan.totals.bad_lines},
        {"bytes", plan.totals.size_bytes},  {"sha256", plan.totals.sha256},
        {"shards", std::move(shards)},      {"terms", json::parse(to_json(plan.terms))}};
    return replace_file(path, json::serialize(object) + "\n");
}

Result<Plan> read_plan_file(const Path& path) {
    return read_json_file(path, kPlanBytesMax, plan_of);
}

}  // namespace batchd::engine
