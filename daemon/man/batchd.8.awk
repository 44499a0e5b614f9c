# awk -v version=V -f batchd.8.awk batchd.8 README.md: the page, with the events from the table in README.
# The page is read first and kept; the README's rows become its @EVENTS@.

function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/`/, "", text)
    gsub(/-/, "\\-", text)
    return text
}

FNR == NR {
    page[NR] = $0
    lines = NR
    next
}

/^## / { in_events = ($0 == "## Events") }

in_events && /^\| `/ {
    split($0, cell, " [|] ")
    name = substr(cell[1], 3)
    meaning = $0
    sub(/^[|] [^|]* [|] /, "", meaning)
    sub(/ [|]$/, "", meaning)
    events = events ".TP\n.B " roff(name) "\n" roff(meaning) "\n"
}

END {
    if (events == "") {
        print "README.md has no table of events" > "/dev/stderr"
        exit 1
    }
    for (i = 1; i <= lines; ++i) {
        line = page[i]
        if (line == "@EVENTS@")
            printf "%s", events
        else {
            sub(/@VERSION@/, version, line)
            print line
        }
    }
}
