# awk -v version=V -f batchd.toml.5.awk batchd.toml: the annotated configuration as a manual page.
#
# It is what the reference file looks like: "[section]", or "#[section]" for one that is there where somebody wants it; "# text"
# in paragraphs; "#name = default" below the text that is about it; "# No default. For example:" above a name that has none,
# "# Taken from [section]. For example:" above one that has it from there; text that is indented is an example.

function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    while (match(text, /`[^`]*`/))
        text = substr(text, 1, RSTART - 1) "\\fB" substr(text, RSTART + 1, RLENGTH - 2) "\\fR" substr(text, RSTART + RLENGTH)
    if (text ~ /^[.']/) text = "\\&" text
    return text
}

# The text of a paragraph, with its examples as they are.
function body(    i, out, literal) {
    out = ""
    literal = 0
    for (i = 1; i <= texts; ++i) {
        if (text[i] ~ /^  /) {
            if (!literal) out = out ".sp\n.nf\n"
            literal = 1
        } else if (literal) {
            out = out ".fi\n"
            literal = 0
        }
        out = out (text[i] == "" ? ".sp" : roff(text[i])) "\n"
    }
    if (literal) out = out ".fi\n"
    return out
}

# A request's arguments are in quotes where they have spaces, so quotes themselves need another name.
function heading(entry, note) {
    entry = roff(entry)
    gsub(/"/, "\\(dq", entry)
    return ".B " entry (note == "" ? "" : " \\fR(an example; " note ")")
}

function flush_entry(    i) {
    for (i = 1; i <= names; ++i) {
        print (i == 1 ? ".TP" : ".TQ")
        print heading(name[i], note[i])
    }
    printf "%s", body()
    keys += names
    names = texts = 0
}

BEGIN {
    print ".TH BATCHD.TOML 5 \"\" \"batchd " version "\" \"File formats\""
    print ".SH NAME"
    print "batchd.toml \\- the configuration of batchd"
    print ".SH SYNOPSIS"
    print ".I /etc/batchd/batchd.toml"
    print ".SH DESCRIPTION"
}

/^$/ {
    flush_entry()
    next
}

/^#?\[/ {
    flush_entry()
    section = $0
    gsub(/[][#]/, "", section)
    print ".SH [" section "]"
    next
}

/^# No default\. For example:$/ { example = "there is no default"; next }

/^# Taken from \[[a-z]*\]\. For example:$/ {
    example = "without it, that of " $4
    sub(/\.$/, "", example)
    next
}

/^#[a-z]/ {
    name[++names] = substr($0, 2)
    note[names] = example
    example = ""
    next
}

/^#/ {
    line = substr($0, 2)
    sub(/^ /, "", line)
    text[++texts] = line
    next
}

END {
    flush_entry()
    print ".SH \"SEE ALSO\""
    print ".BR batchd (8)"
    if (keys == 0) exit 1
}
