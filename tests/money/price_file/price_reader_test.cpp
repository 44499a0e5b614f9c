#include "money/price_file/price_reader.hpp"

#include <gtest/gtest.h>

#include "money/priced_model.hpp"

namespace batchd::money {
namespace {

constexpr PriceKey kInput{TokenKind::input, Tier::standard, 0};

std::string input_price(const PriceReading& reading, std::string_view model) {
    const auto found = reading.table.find(model);
    return found == reading.table.end() ? "absent" : text(found->second.at(kInput));
}

PriceReading read(std::string_view json) {
    auto reading = read_prices(json);
    EXPECT_TRUE(reading) << to_string(reading.error());
    return reading ? std::move(*reading) : PriceReading{};
}

TEST(PriceReaderTest, TakesThePricesOfEachModel) {
    const auto reading = read(R"({
        "sample_spec": {"input_cost_per_token": 0.0, "mode": "one of: chat, embedding", "max_tokens": "text"},
        "gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 7.5e-07, "max_tokens": 128000,
            "output_cost_per_token_batches": 2.25e-06, "cache_read_input_token_cost": null,
            "search_context_cost_per_query": {"input_cost_per_token": 9}, "supported_regions": ["a", {"b": 1}]},
        "groq/y": {"litellm_provider": "groq", "input_cost_per_token": 1e-7},
        "no-prices": {"mode": "chat"},
        "fallback_generalizations": {"rules": [{"name": "x", "model_info": {"input_cost_per_token": 1}}]}
    })");
    EXPECT_EQ(reading.table.size(), 3U);
    EXPECT_TRUE(reading.refused.empty());
    const ModelPrice& model = reading.table.at("gpt-x");
    EXPECT_EQ(text(model.at(kInput)), "0.00000075");
    EXPECT_EQ(text(model.at({TokenKind::output, Tier::batch, 0})), "0.00000225");
    EXPECT_EQ(model.entries().size(), 2U);
    EXPECT_TRUE(model.may_halve);
    EXPECT_FALSE(reading.table.at("groq/y").may_halve);
    EXPECT_EQ(input_price(reading, "sample_spec"), "?") << "it is no model";
}

TEST(PriceReaderTest, RefusesAModelWithAPriceThatIsNoneAndCountsTheOthers) {
    const auto reading = read(
        "{\n\"good\": {\"input_cost_per_token\": 1e-7},\n\"bad\":\n{\"output_cost_per_token\": 1e-7,"
        "\n\"input_cost_per_token\": -1e-7}\n,\"dear\": {\"input_cost_per_token\": 0.15}, "
        "\"text\": {\"input_cost_per_token\": \"1e-7\"}, \"list\": {\"input_cost_per_token\": [1]}}");
    EXPECT_EQ(input_price(reading, "good"), "0.0000001");
    for (const char* model : {"bad", "dear", "text", "list"})
        EXPECT_EQ(input_price(reading, model), "?") << model;
    EXPECT_EQ(reading.refused_count, 4U);
    ASSERT_EQ(reading.refused.size(), 4U);
    EXPECT_EQ(reading.refused[0], "line 5: bad: input_cost_per_token is -1e-7: no price is negative");
    EXPECT_EQ(reading.refused[1],
              "line 6: dear: input_cost_per_token is 0.15: a price is dollars for one token, and "
              "none costs more than 0.01");
    EXPECT_EQ(reading.refused[2], "line 6: text: input_cost_per_token is \"1e-7\": a price is a number");
    EXPECT_EQ(reading.refused[3], "line 6: list: input_cost_per_token is a list: a price is a number");
}

TEST(PriceReaderTest, NamesTwentyOfManyRefusedModels) {
    std::string json = "{\"ok\": {\"input_cost_per_token\": 1e-7}";
    for (int i = 0; i < 50; ++i) json += ",\"m" + std::to_string(i) + "\": {\"input_cost_per_token\": -1}";
    const auto reading = read(json + '}');
    EXPECT_EQ(reading.refused_count, 50U);
    EXPECT_EQ(reading.refused.size(), 20U);
}

TEST(PriceReaderTest, KnowsNoPriceOfAModelThatIsNotChargedByTheTokenOfTextAlone) {
    const auto reading = read(R"({
        "image": {"mode": "image_generation", "input_cost_per_token": 1e-7},
        "tiers": {"tiered_pricing": [{"range": [0, 1], "input_cost_per_token": 5}], "input_cost_per_token": 1e-7}})");
    EXPECT_EQ(input_price(reading, "image"), "?");
    EXPECT_EQ(input_price(reading, "tiers"), "?");
    EXPECT_EQ(reading.refused_count, 0U);
}

TEST(PriceReaderTest, TakesTheLaterOfTwoThatHaveOneName) {
    const auto reading =
        read(R"({"a": {"input_cost_per_token": 1e-7}, "a": {"input_cost_per_token": 2e-7}})");
    EXPECT_EQ(input_price(reading, "a"), "0.0000002");
}

struct Broken {
    const char* json;
    const char* why;
};

TEST(PriceReaderTest, SaysInWhichLineAFileIsBroken) {
    for (const auto& [json, why] :
         {Broken{"{\n\"a\": {\n\"input_cost_per_token\": 1e-7,\n}}", "line 4"},
          Broken{"{\"a\": tru}", "line 1"}, Broken{"{\"a\": {}", "ends before it is whole"},
          Broken{"", "ends before it is whole"}, Broken{"[]", "one JSON object"},
          Broken{"5\n", "one JSON object"}, Broken{"{}\n{}", "line 2"}, Broken{"{} x", "line 1"},
          Broken{"{\"a\": NaN}", "line 1"}, Broken{"\xef\xbb", "ends before it is whole"},
          Broken{"{\"\xff\": 1}", "line 1"}, Broken{"<html>\n", "line 1, column 1"}}) {
        const auto reading = read_prices(json);
        ASSERT_FALSE(reading) << json;
        EXPECT_EQ(reading.error().code, make_error_code(Errc::bad_input)) << json;
        EXPECT_NE(reading.error().context.find(why), std::string::npos) << reading.error().context;
    }
}

TEST(PriceReaderTest, TakesAByteOrderMarkAndWhiteSpaceAroundTheObject) {
    const auto reading = read("\xef\xbb\xbf \n{\"a\": {\"input_cost_per_token\": 1e-7}}\r\n\n ");
    EXPECT_EQ(input_price(reading, "a"), "0.0000001");
}

TEST(PriceReaderTest, ReadsTheSameInAnyPieces) {
    const std::string json =
        "\xef\xbb\xbf{\"gpt-\\u0078\":\n{\"mode\": \"chat\", \"input_cost_per_token\": "
        "1.5000020000000002e-05,\n"
        "\"output_cost_per_token\": 12345678901234567890e-25}, \"b\": {\"input_cost_per_token\": -5}}\n";
    const auto whole = read(json);
    for (std::size_t size = 1; size < json.size(); ++size) {
        PriceReader reader;
        for (std::size_t at = 0; at < json.size(); at += size)
            ASSERT_TRUE(reader.write(std::string_view(json).substr(at, size)));
        const auto reading = reader.finish();
        ASSERT_TRUE(reading) << size;
        EXPECT_EQ(input_price(*reading, "gpt-x"), "0.000015000020000000002") << size;
        EXPECT_EQ(text(reading->table.at("gpt-x").at({TokenKind::output, Tier::standard, 0})),
                  "0.000001234567890123456789");
        EXPECT_EQ(reading->refused, whole.refused);
    }
}

TEST(PriceReaderTest, KeepsNothingOfLongTextsAndNames) {
    const std::string huge(1'000'000, 'x');
    const auto reading = read("{\"" + huge + "\": {\"input_cost_per_token\": 1e-7}, \"a\": {\"source\": \"" +
                              huge + "\", \"input_cost_per_token\": 1e-7}}");
    EXPECT_EQ(reading.table.size(), 1U);
    EXPECT_EQ(input_price(reading, "a"), "0.0000001");
}

TEST(PriceReaderTest, TakesNoMoreModelsThanAnyTableHas) {
    std::string json = "{";
    for (std::size_t i = 0; i <= kModelsMax; ++i)
        json += '"' + std::to_string(i) + "\":{\"input_cost_per_token\":1e-7}" + (i < kModelsMax ? "," : "}");
    const auto reading = read_prices(json);
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().code, make_error_code(Errc::too_large));
}

}  // namespace
}  // namespace batchd::money
