#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Findings that go out: to files, web hooks, syslog receivers and by mail, each once, and none is lost while a
# receiver is away. The receivers are real sockets on the loopback (receive.py).
load common

setup_file() {
	scan_sample
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
	cp -r "$BATS_FILE_TMPDIR/m" m
	there=$(value m "SELECT count(*) FROM finding WHERE confidence <> 'low'")
	[ "$there" -gt 0 ]
}

# receive KIND OUT [OPTION]...: start a receiver; its port in $port
receive() {
	rm -f "$2.port"
	python3 "$ROOT/tests/case/receive.py" "$@" 3>&- &
	receiver=$!
	for _ in $(seq 100); do
		[ ! -f "$2.port" ] || break
		sleep 0.1
	done
	port=$(cat "$2.port")
}

stop_receiver() {
	kill "$receiver" && wait "$receiver" || true
}

notify() {
	dwell notify -m m "$@"
}

# certificate: one for 127.0.0.1, signed by itself
certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=here \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
}

@test "a file: every finding is a line of JSON, once" {
	run -0 --separate-stderr notify --notify file:out.json
	[[ $stderr == *"out.json: sent $there"* ]]
	[ "$(wc -l <out.json)" = "$there" ]
	python3 - "$there" <<-'E'
		import json, sys
		rows = [json.loads(line) for line in open("out.json")]
		assert len({r["id"] for r in rows}) == int(sys.argv[1])
		for r in rows:
		    assert r["confidence"] in ("high", "medium") and r["summary"] and r["case"] and r["attack"], r
	E
	run -0 --separate-stderr notify --notify file:out.json
	[[ $stderr == *"sent 0"* ]]
	[ "$(wc -l <out.json)" = "$there" ]
}

@test "low confidence goes out only when asked for; another target starts from the first" {
	all=$(value m "SELECT count(*) FROM finding")
	notify -q --notify file:out.json
	notify -q --low --notify file:out.json --notify file:other.json
	[ "$(wc -l <out.json)" = "$all" ]
	[ "$(wc -l <other.json)" = "$all" ]
}

@test "what is muted is not told" {
	id=$(value m "SELECT id FROM cases ORDER BY rank LIMIT 1")
	run -0 dwell mute -m m "$id" --reason "known"
	notify -q --notify file:out.json
	! grep -q "\"case\":\"$id\"" out.json
	[ "$(wc -l <out.json)" -lt "$there" ]
}

@test "a web hook: POST of JSON, with a password that is not shown" {
	receive http got
	run -0 --separate-stderr notify --notify "http://me:secret@127.0.0.1:$port/hook?x=1"
	[[ $stderr == *"http://127.0.0.1:$port/hook?x=1: sent $there"* && $stderr != *secret* ]]
	[ "$(grep -vc '^#' got)" = "$there" ]
	[ "$(grep -c '^# Basic bWU6c2VjcmV0$' got)" = "$there" ]
	! grep -rq secret m/notify
}

@test "a web hook over TLS: only with a certificate that is trusted" {
	certificate
	receive http got --tls cert.pem key.pem
	run -4 --separate-stderr notify --wait 1 --notify "https://127.0.0.1:$port/"
	[[ $stderr == *certificate* && $stderr == *"$there wait"* ]]
	run -0 --separate-stderr notify --notify "https://127.0.0.1:$port/#ca=$PWD/cert.pem"
	[ "$(grep -vc '^#' got)" = "$there" ]
}

@test "a receiver that is busy is asked again, one that refuses a message is not" {
	receive http got --answers 503,200,429,200
	run -0 --separate-stderr notify --notify "http://127.0.0.1:$port/"
	[ "$(sort -u got | wc -l)" = "$there" ]
	[ "$(wc -l <got)" = "$there" ]
	stop_receiver
	receive http other --answers 400
	run -0 --separate-stderr notify --notify "http://127.0.0.1:$port/"
	[[ $stderr == *"refused $there for good"*"400"* ]]
}

@test "a receiver that is away: all waits in the memory, and goes out later, once" {
	receive http got
	stop_receiver
	for _ in 1 2; do
		run -4 --separate-stderr notify --wait 1 --notify "http://127.0.0.1:$port/"
		[[ $stderr == *"$there wait for the next run"* ]]
	done
	[ "$(find m/notify -path '*/wait/*' | wc -l)" = "$there" ]
	python3 - "$port" <<-'E' &
		import socket, sys
		# The same port: what waits is for this receiver.
		s = socket.create_server(("127.0.0.1", int(sys.argv[1])), reuse_port=False)
		s.settimeout(20)
		c, _ = s.accept()
		c.settimeout(20)
		f, n = c.makefile("rwb"), 0
		with open("late", "w") as out:
		    while f.readline():
		        size = 0
		        while h := f.readline().strip():
		            if h.lower().startswith(b"content-length:"):
		                size = int(h.split(b":")[1])
		        out.write(f.read(size).decode() + "\n")
		        out.flush()
		        f.write(b"HTTP/1.1 204 X\r\n\r\n")
		        f.flush()
	E
	sleep 0.5
	run -0 --separate-stderr notify --notify "http://127.0.0.1:$port/"
	[ "$(sort -u late | wc -l)" = "$there" ]
	[ "$(find m/notify -path '*/wait/*' | wc -l)" = 0 ]
}

@test "killed while it sends: nothing is lost, and at most what was under way comes twice" {
	receive http got --answers 200
	dwell notify -q --low -m m --notify "http://127.0.0.1:$port/" &
	sleep 0.3
	kill -9 $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	notify -q --low --notify "http://127.0.0.1:$port/"
	all=$(value m "SELECT count(*) FROM finding")
	[ "$(sort -u got | wc -l)" = "$all" ]
	[ "$(wc -l <got)" -le $((all + 1)) ]
}

@test "syslog over TCP and TLS: RFC 5424, the object behind its cookie" {
	certificate
	receive syslog got
	run -0 notify --notify "syslog+tcp://127.0.0.1:$port"
	receive syslog sealed --tls cert.pem key.pem
	run -0 notify --notify "syslog+tls://127.0.0.1:$port#ca=$PWD/cert.pem"
	for file in got sealed; do
		for _ in $(seq 50); do
			[ "$(wc -l <"$file")" != "$there" ] || break
			sleep 0.1
		done
		python3 - "$file" "$there" <<-'E'
			import json, re, sys
			lines = open(sys.argv[1]).read().splitlines()
			assert len(lines) == int(sys.argv[2]), len(lines)
			for line in lines:
			    m = re.fullmatch(r"<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S+ dwell - finding - @cee: (\{.*\})", line)
			    severity = {"high": 4, "medium": 5, "low": 6}[json.loads(m[2])["confidence"]]
			    assert int(m[1]) == 4 * 8 + severity, line
		E
	done
}

@test "mail: one for many findings, to all who are named" {
	receive smtp got
	run -0 --separate-stderr notify --notify "smtp://127.0.0.1:$port/?from=dwell@site.example&to=a@site.example,b@site.example"
	[ "$(grep -c '^MAIL FROM:<dwell@site.example>' got)" = "$(grep -c '^Subject: dwell on ' got)" ]
	grep -q '^RCPT TO:<b@site.example>' got
	[ "$(grep -c 'confidence, since .*; dwell show ' got)" = "$there" ]
}

@test "mail: a password never goes in clear" {
	receive smtp got
	run -4 --separate-stderr notify --wait 1 \
		--notify "smtp://me:secret@127.0.0.1:$port/?from=a@b.example&to=c@d.example"
	[ ! -e got ] || ! grep -q '^MAIL' got
}

@test "targets from a file" {
	printf '# where\nfile:one.json\n\nfile:two.json\n' >targets
	notify -q --notify @targets
	cmp one.json two.json
}

@test "wrong targets are named, and nothing is sent" {
	for target in nothing ftp://x/ file: smtp://h/ 'smtp://h/?from=a@b' \
		'smtp://h/?from=a@b&to=x%0d%0aDATA@y' 'https://h/#cert=x' @missing; do
		run --separate-stderr notify --notify "$target"
		[[ $status = 2 || $status = 4 ]]
		[[ $stderr == *"--notify: "* ]]
	done
	[ ! -d m/notify ]
}

@test "inside the sender: no file but its queue, no port but its targets', no other program" {
	ATTACK=$(dirname "$DWELL")/tests/attack/libattack.so
	[ -f "$ATTACK" ] || skip "no $ATTACK: build with -Dtests=true"
	receive http got
	for attack in read write connect execve; do
		run --separate-stderr env LD_PRELOAD="$ATTACK" \
			ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
			DWELL_ATTACK=$attack DWELL_ATTACK_PATH="$PWD/m/dwell.json" \
			"$DWELL" notify -m m --notify "http://127.0.0.1:$port/"
		[[ $stderr != *worked* ]]
		[[ ($status = 4 && $stderr == *"killed by signal 31"*) || ($status = 77 && $stderr == *"attack $attack: Permission denied"*) ]]
	done
}
