#include "command_line.hpp"

#include <string>

#include <gtest/gtest.h>

namespace batchd {
namespace {

struct CommandLineTest : ::testing::Test {
    static std::variant<CommandLine, ExitCode> parse(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "batchd");
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        return parse_command_line(static_cast<int>(arguments.size()), argv.data());
    }
    static ExitCode exit_code(const std::vector<std::string>& arguments) {
        const auto parsed = parse(arguments);
        EXPECT_TRUE(std::holds_alternative<ExitCode>(parsed)) << "it would have run";
        return std::holds_alternative<ExitCode>(parsed) ? std::get<ExitCode>(parsed) : kExitFailed;
    }
    static CommandLine line(const std::vector<std::string>& arguments) {
        return std::get<CommandLine>(parse(arguments));
    }
};

TEST_F(CommandLineTest, WrongUsageIsTwo) {
    EXPECT_EQ(exit_code({}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"fly"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"run", "--twice"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"run", "surplus"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"check"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"--config"}), kExitWrongUsage);
}

TEST_F(CommandLineTest, ATypingErrorIsToldWithTheCommandThatWasMeant) {
    const auto said = [](const std::vector<std::string>& arguments) {
        ::testing::internal::CaptureStderr();
        EXPECT_EQ(exit_code(arguments), kExitWrongUsage);
        return ::testing::internal::GetCapturedStderr();
    };
    EXPECT_EQ(said({"stauts"}), "batchd: there is no command stauts; did you mean status?\n");
    EXPECT_EQ(said({"--config", "x.toml", "retyr", "1"}),
              "batchd: there is no command retyr; did you mean retry?\n");
    EXPECT_EQ(said({"observe"}),
              "batchd: there is no command observe; batchd --help lists those that there are\n");
}

TEST_F(CommandLineTest, WithoutACommandItPrintsItsUsage) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(exit_code({}), kExitWrongUsage);
    const std::string usage = ::testing::internal::GetCapturedStderr();
    for (const char* word : {"Usage", "status", "--config", "Exit codes"})
        EXPECT_NE(usage.find(word), std::string::npos) << usage;
}

TEST_F(CommandLineTest, AsksForWhatOnlyTheDaemonCanDo) {
    const std::vector<std::pair<std::string, store::Verb>> verbs{{"cancel", store::Verb::cancel},
                                                                 {"retry", store::Verb::retry},
                                                                 {"abandon", store::Verb::abandon},
                                                                 {"resend", store::Verb::resend}};
    for (const auto& [word, verb] : verbs) {
        const auto asked = std::get<AskCommand>(line({word, "articles"}).command);
        EXPECT_EQ(asked.verb, verb);
        EXPECT_EQ(asked.job, "articles");
        EXPECT_EQ(exit_code({word}), kExitWrongUsage);
    }
    const auto adopt = std::get<AskCommand>(line({"adopt", "7", "batch_1"}).command);
    EXPECT_EQ(adopt.verb, store::Verb::adopt);
    EXPECT_EQ(adopt.job, "7");
    EXPECT_EQ(adopt.argument, "batch_1");
    EXPECT_EQ(exit_code({"adopt", "7"}), kExitWrongUsage);
}

TEST_F(CommandLineTest, HelpAndVersionAreFine) {
    EXPECT_EQ(exit_code({"--help"}), kExitFine);
    EXPECT_EQ(exit_code({"--version"}), kExitFine);
    EXPECT_EQ(exit_code({"run", "--help"}), kExitFine);
}

TEST_F(CommandLineTest, RunsForEverOrOnce) {
    EXPECT_EQ(std::get<RunCommand>(line({"run"}).command).mode, engine::Intake::Mode::daemon);
    EXPECT_EQ(std::get<RunCommand>(line({"run", "--once"}).command).mode, engine::Intake::Mode::once);
}

TEST_F(CommandLineTest, ChecksTheFilesThatAreNamed) {
    EXPECT_EQ(std::get<CheckCommand>(line({"check", "a.jsonl", "b.jsonl"}).command).files,
              (std::vector<Path>{"a.jsonl", "b.jsonl"}));
}

TEST_F(CommandLineTest, TheConfigurationFileMayStandBeforeOrBehindTheCommand) {
    EXPECT_EQ(line({"--config", "x.toml", "run"}).config_file, Path("x.toml"));
    EXPECT_EQ(line({"run", "--config", "x.toml"}).config_file, Path("x.toml"));
    EXPECT_FALSE(line({"run"}).config_file) << "the default is for whoever reads it";
}

TEST_F(CommandLineTest, TheConfigurationIsShownWholeOrWhereItDiffers) {
    EXPECT_EQ(std::get<ConfigCommand>(line({"config"}).command).shown, ConfigShown::all);
    EXPECT_EQ(std::get<ConfigCommand>(line({"config", "--changed"}).command).shown, ConfigShown::changed);
}

TEST_F(CommandLineTest, CheckTakesStandardInputAndHasAFormForPrograms) {
    const auto command = std::get<CheckCommand>(line({"check", "--json", "a.jsonl", "-"}).command);
    EXPECT_EQ(command.files, (std::vector<Path>{"a.jsonl", "-"}));
    EXPECT_EQ(command.form, CheckForm::json);
    EXPECT_EQ(std::get<CheckCommand>(line({"check", "a.jsonl"}).command).form, CheckForm::text);
}

}  // namespace
}  // namespace batchd
