#include "provider/direct/run/runner_fixture.hpp"

namespace batchd::provider::direct {
namespace {

TEST_F(RunnerTest, SendsEachRowAndRecordsItsAnswer) {
    prepare(2);
    serve({replies({answer(200, kAnswer, "X-Request-Id: req_1\r\n"), answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 2U);
    EXPECT_EQ(
        results(),
        R"({"id":"batchd_req_t_1","custom_id":"r1","response":{"status_code":200,"request_id":"req_1","body":)" +
            std::string(kAnswer) + "},\"error\":null}\n" +
            R"({"id":"batchd_req_t_2","custom_id":"r2","response":{"status_code":200,"request_id":"","body":)" +
            std::string(kAnswer) + "},\"error\":null}\n");
    EXPECT_EQ(server->connections(), 1U);
    const std::string sent = server->requests().at(1);
    EXPECT_TRUE(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n")) << sent;
    EXPECT_NE(sent.find("X-Client-Request-Id: batchd-t-2-1\r\n"), std::string::npos) << sent;
    EXPECT_TRUE(sent.ends_with("\r\n\r\n{\"n\":2}")) << sent;
}

TEST_F(RunnerTest, ARowThatIsRefusedGoesAgainBeforeTheOthers) {
    prepare(2);
    serve({replies({answer(503, R"({"error":{"message":"Loading model"}})", "Retry-After: 0.01\r\n"),
                    answer(200, kAnswer), answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 2U);
    EXPECT_TRUE(server->requests().at(1).ends_with("{\"n\":1}")) << "the first row, again";
}

TEST_F(RunnerTest, ARowThatIsWrongFailsAsTheServerSaysAndTheOthersGoOn) {
    prepare(2);
    serve({replies({answer(400, R"({"error":{"message":"bad"}})"), answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.failed, 1U);
    EXPECT_EQ(progress.answered, 1U);
    EXPECT_NE(results().find(R"("status_code":400,"request_id":"","body":{"error":{"message":"bad"}}})"),
              std::string::npos)
        << results();
}

TEST_F(RunnerTest, A200WithAnErrorOrAPageIsTriedAgainAndThenFails) {
    prepare(1);
    serve({replies({answer(200, R"({"error":{"message":"no"}})"), answer(200, "<html>"),
                    answer(200, R"({"error":"no, secret-key"})")})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.failed, 1U);
    EXPECT_EQ(server->requests().size(), 3U);
    EXPECT_NE(results().find(R"("response":null,"error":{"code":"no_answer")"), std::string::npos)
        << results();
    EXPECT_EQ(results().find("secret-key"), std::string::npos) << "the key is in no message";
}

TEST_F(RunnerTest, AConnectionThatIsCutIsTriedAgain) {
    prepare(1);
    serve({[](Peer& peer) {
               peer.read_request();
               peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"choi");
           },
           [](Peer& peer) {
               peer.read_request();
               peer.reset();
           },
           replies({answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 1U);
}

TEST_F(RunnerTest, AServerThatClosesAtTheWorstMomentsIsAskedAgain) {
    prepare(1);
    options.retry.attempts = 20;
    const auto cut_after = [](std::string begun) {
        return [begun](Peer& peer) {
            peer.read_request();
            peer.send(begun);
        };
    };
    const std::string half = std::string(kAnswer).substr(0, 20);
    serve({[](Peer& peer) { peer.cut(); },  // before it has read anything
           cut_after(""), cut_after("HTTP/1.1 20"),
           cut_after("HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n"),
           cut_after("HTTP/1.1 200 OK\r\n\r\n" + half),  // the end of the connection is that of the body
           cut_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + half),
           cut_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + half + "\r\n0\r\n\r\n"),
           replies({answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(server->connections(), 8U);
    EXPECT_EQ(progress.answered, 1U);
    EXPECT_NE(results().find(kAnswer), std::string::npos) << results();
}

TEST_F(RunnerTest, OfAServerThatBreaksDownOverOneRowThatRowAloneFails) {
    prepare(40);
    limits.max_in_flight = 4;
    const Script breaks_down_over_seven = [](Peer& peer) {
        for (;;) {
            const std::string request = peer.read_request();
            if (request.empty()) return;
            if (request.ends_with(R"({"n":7})")) return peer.reset();
            peer.send(answer(200, kAnswer));
        }
    };
    serve(std::vector<Script>(64, breaks_down_over_seven));
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 39U);
    EXPECT_EQ(progress.failed, 1U);
    EXPECT_EQ(server->requests().size(), 39U + options.retry.attempts);
}

TEST_F(RunnerTest, AServerThatSpeaksHttp10AnswersAsWell) {
    prepare(2);
    const Script old_one = [](Peer& peer) {
        peer.read_request();
        peer.send(std::string("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n") + kAnswer);
        peer.end();
    };
    serve({old_one, old_one});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 2U);
    EXPECT_EQ(server->connections(), 2U);
}

TEST_F(RunnerTest, AnAnswerThatIsTooLongIsAnErrorAndIsNotGeneratedAgain) {
    prepare(2);
    answer_max = 1000;
    serve({[](Peer& peer) {
               peer.read_request();
               peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n" + std::string(2000, ' '));
               peer.wait_for_client();
           },
           replies({answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(server->requests().size(), 2U);
    EXPECT_EQ(progress.answered, 1U);
    EXPECT_NE(results().find(R"("code":"no_answer","message":)"), std::string::npos) << results();
    EXPECT_NE(results().find("longer than"), std::string::npos) << results();
}

TEST_F(RunnerTest, AnAnswerByAnotherModelIsPassedOnAsItCame) {
    prepare(1);
    const std::string other = R"({"model":"another","choices":[],"service_tier":"default"})";
    serve({replies({answer(200, other)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_NE(results().find(other), std::string::npos) << results();
}

TEST_F(RunnerTest, ARequestThatOutlastsItsTimeIsTriedOnceMoreAndNoMore) {
    prepare(1);
    options.timeout = 50ms;
    options.retry.attempts = 20;
    const Script silent = [](Peer& peer) {
        peer.read_request();
        peer.wait_for_client();
    };
    serve({silent, silent, replies({answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(server->requests().size(), 2U);
    EXPECT_NE(results().find(R"("error":{"code":"request_timeout","message":"no answer within 50ms"})"),
              std::string::npos)
        << results();
}

TEST_F(RunnerTest, AKeyThatIsRefusedStopsAllAndCostsNoRowAnything) {
    prepare(3);
    serve({replies({answer(401, R"({"error":{"message":"Incorrect API key"}})")})});
    const RunEnd end = run();
    EXPECT_EQ(end.how, RunEnd::How::halted);
    EXPECT_EQ(end.why->meaning, Meaning::unauthorized);
    EXPECT_EQ(server->requests().size(), 1U);
    EXPECT_EQ(results(), "");
    serve({replies({answer(200, kAnswer), answer(200, kAnswer), answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 3U);
    EXPECT_EQ(progress.possibly_repeated, 0U);
}

TEST_F(RunnerTest, StoppedItWaitsForWhatIsUnderWayAndGoesOnLater) {
    prepare(3);
    serve({replies({answer(200, kAnswer), answer(200, kAnswer), answer(200, kAnswer)})});
    const auto after_one = [](Runner& runner) {
        if (runner.progress().answered == 0) return false;
        runner.stop();
        return true;
    };
    run(after_one);
    EXPECT_GE(lines(results()), 1U);
    const std::size_t sent = server->requests().size();
    EXPECT_EQ(lines(results()), sent);
    std::vector<std::string> rest(3 - sent, answer(200, kAnswer));
    serve({replies(std::move(rest))});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(lines(results()), 3U);
    EXPECT_EQ(progress.answered, 3U);
    EXPECT_EQ(progress.possibly_repeated, 0U);
}

TEST_F(RunnerTest, CancelledItGivesUpWhatIsUnderWayAndCountsItAsPossiblyRepeated) {
    prepare(2);
    serve({[](Peer& peer) {
               peer.read_request();
               peer.send(answer(200, kAnswer));
               peer.read_request();
               peer.wait_for_client();
           },
           replies({answer(200, kAnswer)})});
    bool has_ended = false;
    {
        PreparedRows rows(jsonl::RowFileReader::open(directory.path() / "rows.jsonl").value(), pool);
        Journal journal(open_journal(paths).value(), context.get_executor(), pool, *clock);
        PaceLine line(limits, context.get_executor(), *clock, [] { return 0.0; });
        AnswerRoom room(context.get_executor(), *clock);
        Runner runner(options, {rows, journal, line, *client, room, *clock, [] { return 0.0; }},
                      context.get_executor());
        const auto cancelled = [&]() -> asio::awaitable<void> {
            TaskGroup group(context.get_executor());
            const auto running = [&]() -> asio::awaitable<void> {
                (void)co_await runner.run();
                has_ended = true;
            };
            group.spawn(running());
            while (server->requests().size() < 2) co_await clock->sleep_for(1ms);
            group.cancel();
            co_await group.join();
        };
        testing::run(context, cancelled());
        EXPECT_EQ(line.pace().in_flight(), 0U);
    }
    EXPECT_FALSE(has_ended);
    EXPECT_EQ(lines(results()), 1U);
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(lines(results()), 2U);
    EXPECT_EQ(progress.possibly_repeated, 1U);
    EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(RunnerTest, ACancelledRunSendsNothingAndGivesEachRowThatIsLeftItsLine) {
    prepare(1);
    serve({replies({answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    prepare(1200);  // the first of which is answered
    options.is_cancelled = true;
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(server->requests().size(), 1U);
    EXPECT_EQ(progress.answered, 1U);
    EXPECT_EQ(progress.failed, 1199U);
    EXPECT_EQ(lines(results()), 1200U);
    EXPECT_NE(results().find("\"batch_cancelled\""), std::string::npos);
}

TEST_F(RunnerTest, ManyAreUnderWayAtOnceAndEachIsAnsweredOnce) {
    prepare(200);
    limits.max_in_flight = 16;
    std::vector<std::string> many(200, answer(200, kAnswer));
    serve(std::vector<Script>(16, replies(many)));
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.answered, 200U);
    EXPECT_EQ(server->requests().size(), 200U);
    EXPECT_EQ(lines(results()), 200U);
    EXPECT_GT(server->connections(), 1U);
    EXPECT_LE(server->connections(), 16U);
}

TEST_F(RunnerTest, ARequestThatIsDamagedOnDiskIsAnErrorLineOfItsOwn) {
    prepare(3);
    damage(R"("n":2)");
    serve({replies({answer(200, kAnswer), answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(server->requests().size(), 2U);
    EXPECT_EQ(progress.answered, 2U);
    EXPECT_EQ(progress.failed, 1U);
    EXPECT_NE(results().find(R"("custom_id":"r2","response":null,"error":{"code":"request_unreadable")"),
              std::string::npos)
        << results();
    EXPECT_NE(results().find("line 2"), std::string::npos) << results();
}

TEST_F(RunnerTest, ARequestWithoutAnIdThatCanBeReadHasItsLineAllTheSame) {
    auto writer = jsonl::RowFileWriter::create(directory.path() / "rows.jsonl").value();
    writer.append(5, digest128("x"), "not a request").value();
    writer.commit().value();
    serve({});
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(progress.failed, 1U);
    EXPECT_NE(results().find(R"("custom_id":null,)"), std::string::npos) << results();
    EXPECT_NE(results().find("line 5 is no request"), std::string::npos) << results();
}

TEST_F(RunnerTest, DamageToARequestThatHasItsAnswerHoldsNothingUp) {
    prepare(2);
    serve({replies({answer(200, kAnswer), answer(200, kAnswer)})});
    EXPECT_EQ(run().how, RunEnd::How::done);
    const std::string before = results();
    damage(R"("n":1)");
    EXPECT_EQ(run().how, RunEnd::How::done);
    EXPECT_EQ(results(), before);
    EXPECT_EQ(progress.answered, 2U);
}

}  // namespace
}  // namespace batchd::provider::direct
