#include "jsonl/result/usage_reader.hpp"

#include <algorithm>

#include "jsonl/result/loose_values.hpp"

namespace batchd::jsonl {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

simdjson::error_code read_tokens(ondemand::value value, std::uint64_t& tokens) {
    std::optional<std::uint64_t> count;
    if (const auto ec = read_count(value, count)) return ec;
    // More than any model takes is nonsense, and must not make the sums of a job overflow.
    if (count && *count < (1ULL << 40)) tokens = *count;
    return SUCCESS;
}

/// Where services put the tokens of a cache: among those of the input, or beside them.
struct UsageFacts {
    money::Usage usage{};
    bool counts_all = false;  // the input is all of it, as its name or its details show
    std::uint64_t read_from_cache = 0, put_into_cache = 0;  // named by themselves
    std::uint64_t total = 0;                                // as it says itself
    std::uint64_t sound_in = 0, sound_out = 0, pictures_out = 0;

    money::Usage sum() const {
        money::Usage all = usage;
        all.cached = std::max(all.cached, read_from_cache);
        all.cache_write = std::max(all.cache_write, put_into_cache);
        if (!counts_all) all.input += read_from_cache + put_into_cache;
        all.otherwise = sound_in + sound_out + pictures_out;
        // Of what is only told as a total nobody knows what was output.
        if (all.input + all.output == 0) {
            all.otherwise += total;
            return all;
        }
        // Some services leave what a model has thought out of the output, which it is charged as, and only
        // the total has it.
        if (total > all.input + all.output) all.output = total - all.input;
        return all;
    }
};

simdjson::error_code read_input_details(ondemand::value details, UsageFacts& facts) {
    return each_field_of(details, [&](std::string_view key, ondemand::value value) {
        facts.counts_all = true;
        if (key == "cached_tokens") return read_tokens(value, facts.usage.cached);
        // Pictures that are looked at are charged as the text that they stand for.
        if (key == "audio_tokens") return read_tokens(value, facts.sound_in);
        if (key == "cache_write_tokens" || key == "cache_creation_tokens")
            return read_tokens(value, facts.usage.cache_write);
        return SUCCESS;
    });
}

simdjson::error_code read_output_details(ondemand::value details, UsageFacts& facts) {
    return each_field_of(details, [&](std::string_view key, ondemand::value value) {
        if (key == "reasoning_tokens") return read_tokens(value, facts.usage.reasoning);
        if (key == "audio_tokens") return read_tokens(value, facts.sound_out);
        if (key == "image_tokens") return read_tokens(value, facts.pictures_out);
        return SUCCESS;
    });
}

/// The names of Chat Completions and Responses, of Messages, and DeepSeek's for what it had in its cache.
simdjson::error_code read_count_of(std::string_view key, ondemand::value value, UsageFacts& facts) {
    if (key == "prompt_tokens") {
        facts.counts_all = true;
        return read_tokens(value, facts.usage.input);
    }
    if (key == "input_tokens") return read_tokens(value, facts.usage.input);
    if (key == "total_tokens") return read_tokens(value, facts.total);
    if (key == "completion_tokens" || key == "output_tokens") return read_tokens(value, facts.usage.output);
    if (key == "prompt_tokens_details" || key == "input_tokens_details")
        return read_input_details(value, facts);
    if (key == "completion_tokens_details" || key == "output_tokens_details")
        return read_output_details(value, facts);
    if (key == "cache_read_input_tokens") return read_tokens(value, facts.read_from_cache);
    if (key == "cache_creation_input_tokens") return read_tokens(value, facts.put_into_cache);
    if (key == "prompt_cache_hit_tokens") return read_tokens(value, facts.usage.cached);
    return SUCCESS;
}

}  // namespace

simdjson::error_code read_usage(ondemand::value value, std::optional<money::Usage>& usage,
                                std::string_view& service_tier) {
    UsageFacts facts;
    bool says_something = false;
    const auto ec = each_field_of(value, [&](std::string_view key, ondemand::value each) {
        says_something = true;
        // Messages has it here, and not beside the usage.
        if (key == "service_tier") return read_word(each, service_tier);
        return read_count_of(key, each, facts);
    });
    if (says_something) usage = facts.sum();
    return ec;
}

}  // namespace batchd::jsonl
