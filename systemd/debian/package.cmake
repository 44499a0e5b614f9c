# The Debian package:  cmake --build BUILD --target package
#
# The prefix of the package is /usr, whatever the build is configured for.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME batchd)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "The authors of batchd <batchd@packages.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "unattended LLM batch inference from a folder")
set(CPACK_PACKAGE_DESCRIPTION "batchd takes JSONL files of LLM requests from an inbox, submits them to the
OpenAI Batch API or a compatible one, watches the batches for as long as they
take, and puts the answers into an outbox, in the order of the input. It loses
nothing, pays nothing twice, and keeps its state in an SQLite database that
anyone may query.")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# systemd makes the user and the folders; certificate authorities come from ca-certificates, time zones from tzdata.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd, ca-certificates, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS sqlite3)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian "${PROJECT_SOURCE_DIR}/systemd/debian")
file(WRITE "${PROJECT_BINARY_DIR}/conffiles" "/etc/batchd/batchd.toml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${debian}/postinst" "${debian}/prerm" "${debian}/postrm" "${PROJECT_BINARY_DIR}/conffiles")

file(STRINGS "${debian}/changelog" newest LIMIT_COUNT 1)
if(NOT newest MATCHES "^batchd \\(${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}\\)")
  message(FATAL_ERROR "systemd/debian/changelog begins with '${newest}', not with version ${PROJECT_VERSION}")
endif()

include(CPack)
