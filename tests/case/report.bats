#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell report: one page that holds all it shows, in both languages; and what cases and show tell
# programs.
load common

# A memory m: one host checks in by name, one by name with a name that attacks the page.
memory() {
	make a.pcap --count 60 --jitter 0.2
	make b.pcap --count 60 --jitter 0.2 --src 10.1.1.6 --host 'x"><script src=//evil.example>'
	scan m a.pcap b.pcap
}

# page FILE CODE: run Python over the page: text, and what its parser saw
page() {
	python3 - "$1" "$2" <<-'PYTHON'
		import base64, hashlib, html.parser, re, sys
		text = open(sys.argv[1], encoding="utf-8").read()
		VOID = {"meta", "br", "hr", "img", "input", "link"}

		class Page(html.parser.HTMLParser):
		    def __init__(self):
		        super().__init__(convert_charrefs=True)
		        self.open, self.tags, self.words, self.styles = [], [], [], []

		    def handle_starttag(self, tag, attrs):
		        self.tags.append((tag, dict(attrs)))
		        if tag not in VOID:
		            self.open.append(tag)

		    def handle_startendtag(self, tag, attrs):
		        self.tags.append((tag, dict(attrs)))

		    def handle_endtag(self, tag):
		        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
		        self.open.pop()

		    def handle_data(self, data):
		        (self.styles if self.open[-1:] == ["style"] else self.words).append(data)

		p = Page()
		p.feed(text)
		p.close()
		words = "".join(p.words)
		def all_of(tag):
		    return [a for t, a in p.tags if t == tag]
		exec(sys.argv[2])
	PYTHON
}

@test "the page is well formed, in each language" {
	memory
	for language in en zh; do
		dwell report --quiet -m m --lang $language -o page.html
		page page.html 'assert p.open == [], p.open
assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
ids = [a["id"] for t, a in p.tags if "id" in a]
assert len(ids) == len(set(ids)) and ids
for a in all_of("a"): assert a["href"][:1] == "#" and a["href"][1:] in ids, a'
	done
	[ ! -e page.html.part ]
}

@test "the page asks for nothing: no address, no script, no handler" {
	memory
	dwell report --quiet -m m -o page.html
	page page.html '
assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & {t for t, _ in p.tags}
for t, a in p.tags:
    assert not any(k.startswith("on") or k in ("src", "style", "srcset", "action") for k in a), (t, a)
assert "://" not in text and "url(" not in text and "@import" not in text'
}

@test "the page allows nothing but its own style, by digest" {
	memory
	dwell report --quiet -m m -o page.html
	page page.html '
policy = [a["content"] for a in all_of("meta") if a.get("http-equiv") == "Content-Security-Policy"]
digest = base64.b64encode(hashlib.sha256("".join(p.styles).encode()).digest()).decode()
assert len(all_of("style")) == 1
assert "default-src \x27none\x27" in policy[0] and "unsafe" not in policy[0]
assert "style-src \x27sha256-%s\x27" % digest in policy[0], digest'
}

@test "the page says its language, its headings have an order, its plots a title" {
	memory
	for language in en zh; do
		dwell report --quiet -m m --lang $language -o page.html
		LANGUAGE_OF_PAGE=$language page page.html '
import os
wanted = {"en": "en", "zh": "zh-Hans"}[os.environ["LANGUAGE_OF_PAGE"]]
assert all_of("html")[0]["lang"] == wanted
levels = [int(t[1]) for t, _ in p.tags if re.fullmatch("h[1-6]", t)]
assert levels[0] == 1 and levels.count(1) == 1
assert all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels
assert all_of("svg") and all(a.get("role") == "img" for a in all_of("svg"))
assert text.count("<svg") == len(re.findall("<svg[^>]*><title>[^<]+</title>", text))
assert all(a.get("scope") == "col" for a in all_of("th")) and all_of("th")'
	done
}

@test "both languages tell the same: hosts, peers, dates, numbers" {
	memory
	dwell report --quiet -m m -o en.html
	dwell report --quiet -m m --lang zh -o zh.html
	for language in en zh; do
		page $language.html '
print(sorted(re.findall(r"\d\d\d\d-\d\d-\d\d \d\d:\d\d|10\.1\.1\.\d+|[fc][0-9a-f]{16}", words)))' \
			>$language.facts
	done
	cmp en.facts zh.facts
	page zh.html '
assert "置信度" in words and "驻留时间" in words
assert not re.search(r"\b(It|The|Since|Confidence|every|memory)\b", words), words'
}

@test "ink and ground have the contrast of WCAG AA, in light, in dark and on paper" {
	memory
	dwell report --quiet -m m -o page.html
	page page.html '
def light(h):
    h = h.lstrip("#")
    h = "".join(c * 2 for c in h) if len(h) == 3 else h
    v = [int(h[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    v = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in v]
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]
def contrast(a, b):
    a, b = sorted((light(a), light(b)))
    return (b + 0.05) / (a + 0.05)
themes = re.findall(r":root\{([^}]*)\}", "".join(p.styles))
assert len(themes) == 3
for theme in themes:
    c = dict(re.findall(r"--(\w+):(#[0-9a-f]+)", theme))
    for ground in ("paper", "card"):
        for ink, least in ("ink", 4.5), ("soft", 4.5), ("accent", 4.5), ("bar", 3), ("mark", 3):
            assert contrast(c[ink], c[ground]) >= least, (ink, ground, c)'
}

@test "a page of many cases stays below a megabyte and says how many it left out" {
	for i in $(seq 1 60); do
		make "$i.pcap" --count 30 --jitter 0.1 --src "10.2.0.$i" --host "peer-$i.example" \
			--seed "$i"
	done
	scan m ./*.pcap
	[ "$(value m "SELECT count(*) FROM cases")" -ge 60 ]
	dwell report --quiet -m m -o page.html
	[ "$(stat -c %s page.html)" -lt 1000000 ]
	page page.html 'assert p.open == [] and len(all_of("article")) == 50
assert len(all_of("svg")) == 3 * 25 + 1 # plots of 25 findings, and what was watched
assert "More cases: " in words'
}

@test "a memory without cases, and one without anything, have a page too" {
	make a.pcap --count 1
	scan m a.pcap
	dwell report --quiet -m m -o page.html
	page page.html 'assert p.open == [] and "No cases" in words'
}

@test "every finding's query gives its connections, whoever is host and however the peer is called" {
	memory
	make c.pcap --count 40 --src 203.0.113.77 --dst 10.1.1.9
	make d.pcap --count 40 --src 10.1.1.20 --dst 10.1.1.9 --host inside.example
	make e.pcap --count 40 --src 10.1.1.7 --dst 203.0.113.80 --host "it's \$(touch here)\`id\`"
	scan m c.pcap d.pcap e.pcap
	for id in $(dwell query -m m --format csv "SELECT id FROM finding" | tail -n +2 | tr -d '\r'); do
		command=$(dwell show -m m "$id" | sed -n 's/^ *\(dwell query .*\)/\1/p')
		[ "$(eval "$command --format csv" | tail -n +2 | wc -l)" = \
			"$(value m "SELECT events FROM finding WHERE id = '$id'")" ]
	done
	[ "$(value m "SELECT count(DISTINCT direction) FROM finding")" = 3 ]
	[ ! -e here ]
}

@test "cases and show give JSON, a line an object, with sentences in the language asked for" {
	memory
	dwell cases -m m --format json >cases
	dwell cases -m m --format json --lang zh >cases.zh
	for id in $(value m "SELECT string_agg(id, ' ') FROM (SELECT id FROM cases UNION SELECT id FROM finding)"); do
		dwell show -m m --format json "$id" >>shown
	done
	python3 - <<-'PYTHON'
		import json
		def lines(name):
		    return [json.loads(line) for line in open(name, encoding="utf-8")]
		en, zh, shown = lines("cases"), lines("cases.zh"), lines("shown")
		assert len(en) == len(zh) >= 2 and [c["id"] for c in en] == [c["id"] for c in zh]
		assert {o["id"] for o in shown} == \
		    {c["id"] for c in en} | {f["id"] for c in en for f in c["findings"]}
		for a, b in zip(en, zh):
		    assert a["summary"] != b["summary"] and a["since"] == b["since"]
		    for f in a["findings"]:
		        assert f["facts"] and all(x["sentence"] and "{" not in x["sentence"] for x in f["facts"])
		        assert {x["stand"] for x in f["facts"]} <= {"for", "against", "context"}
	PYTHON
}

@test "wrong use: exit 2 and one line; what can not be written: exit 4, and no half page" {
	memory
	fails 2 dwell report -m m
	fails 2 dwell report -m m -o page.html more
	fails 2 dwell report -m m -o page.html --lang fr
	fails 2 dwell report -m m -o page.html --nonsense
	fails 2 dwell show -m m
	fails 2 dwell show -m m f0000000000000000
	fails 4 dwell report -m m -o no/such/folder/page.html
	[ ! -e page.html ]
	[ -e /dev/full ] || skip "no /dev/full"
	run -4 sh -c "'$DWELL' cases -m m >/dev/full"
}
