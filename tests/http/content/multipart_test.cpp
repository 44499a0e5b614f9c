#include "http/content/multipart.hpp"

#include <gtest/gtest.h>

namespace batchd::http {
namespace {

TEST(MultipartTest, FramesFieldsAndThenTheFile) {
    Form form;
    form.fields.push_back({"purpose", "batch"});
    form.file_field = "file";
    form.filename = "in put.jsonl";
    const Multipart parts = frame(form, "MARK");
    EXPECT_EQ(parts.content_type, "multipart/form-data; boundary=MARK");
    EXPECT_EQ(parts.prologue,
              "--MARK\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
              "--MARK\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in put.jsonl\"\r\n"
              "Content-Type: application/octet-stream\r\n\r\n");
    EXPECT_EQ(parts.epilogue, "\r\n--MARK--\r\n");
}

TEST(MultipartTest, AFileNameCannotLeaveItsQuotes) {
    Form form;
    form.file_field = "file";
    form.filename = "a\"b\r\nX: y";
    EXPECT_NE(frame(form, "MARK").prologue.find("filename=\"a%22b%0D%0AX: y\"\r\n"), std::string::npos);
}

}  // namespace
}  // namespace batchd::http
