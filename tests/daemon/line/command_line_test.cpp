#include "daemon/line/command_line.hpp"

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
    EXPECT_EQ(said({"--confg", "x.toml", "status"}),
              "batchd: there is no option --confg before the command; batchd --help lists those that there "
              "are\n");
}

TEST_F(CommandLineTest, WithoutACommandItPrintsItsUsage) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(exit_code({}), kExitWrongUsage);
    const std::string usage = ::testing::internal::GetCapturedStderr();
    for (const char* word : {"Usage", "status", "--config", "Exit codes"})
        EXPECT_NE(usage.find(word), std::string::npos) << usage;
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(exit_code({"--config", "x.toml"}), kExitWrongUsage);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), usage);
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(exit_code({"help"}), kExitFine);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), usage);
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

TEST_F(CommandLineTest, SubmitsFilesUnderTheirNamesOrAnother) {
    const auto submit = std::get<SubmitCommand>(line({"submit", "a.jsonl", "b.txt"}).command);
    EXPECT_EQ(submit.files, (std::vector<Path>{"a.jsonl", "b.txt"}));
    EXPECT_EQ(submit.queue, "default");
    EXPECT_EQ(submit.form, Form::text);
    EXPECT_FALSE(submit.wait);
    const auto other = std::get<SubmitCommand>(
        line({"submit", "a", "--name", "b", "--wait", "--json", "--queue", "q"}).command);
    EXPECT_EQ(other.name, "b");
    EXPECT_EQ(other.queue, "q");
    EXPECT_EQ(other.form, Form::json);
    EXPECT_TRUE(other.wait);
    EXPECT_EQ(exit_code({"submit"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"submit", "a", "--name", "x/y"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"submit", "a", "--name", ""}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"submit", "a", "b", "--name", "x"}), kExitWrongUsage);
}

TEST_F(CommandLineTest, WaitsForJobsForAsLongAsItIsTold) {
    const auto wait = std::get<WaitCommand>(line({"wait", "1", "articles", "--timeout", "2h"}).command);
    EXPECT_EQ(wait.jobs, (std::vector<std::string>{"1", "articles"}));
    EXPECT_EQ(wait.timeout, std::chrono::hours(2));
    EXPECT_FALSE(std::get<WaitCommand>(line({"wait", "1", "--json"}).command).timeout);
    EXPECT_EQ(exit_code({"wait"}), kExitWrongUsage);
    EXPECT_EQ(exit_code({"wait", "1", "--timeout", "soon"}), kExitWrongUsage);
}

TEST_F(CommandLineTest, ShowsEventsOfAJobOrOfAll) {
    const auto all = std::get<EventsCommand>(line({"events"}).command);
    EXPECT_EQ(all.job, "");
    EXPECT_FALSE(all.follow);
    const auto some =
        std::get<EventsCommand>(line({"events", "7", "-f", "--json", "--since", "2026-11-27"}).command);
    EXPECT_EQ(some.job, "7");
    EXPECT_TRUE(some.follow);
    EXPECT_EQ(some.form, Form::json);
    EXPECT_EQ(to_utc_text(some.since), "2026-11-27T00:00:00Z");
    EXPECT_EQ(exit_code({"events", "--since", "yesterday"}), kExitWrongUsage);
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
