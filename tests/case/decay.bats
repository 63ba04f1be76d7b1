#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is said of a time whose connections have decayed.
load common

@test "the case that the sample tells survives the decay of its connections, with its date" {
	scan m "$ROOT/tests/lab/sample"
	dwell cases -m m --format json | head -n 1 >before
	run -0 dwell plan -m m --keep-conn 30d
	make more.pcap --count 3
	scan m more.pcap
	dwell cases -m m --format json | head -n 1 >after
	python3 - before after <<-'PY'
		import json, sys
		old, new = (json.load(open(p)) for p in sys.argv[1:])
		for key in ("id", "host", "since", "since_kind", "confidence"):
		    assert old[key] == new[key], (key, old[key], new[key])
	PY
}

