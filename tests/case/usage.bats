#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a command line may be: help for every command, and one line that helps for what is wrong.
load common

@test "help: every command has one, and the list of commands names every command" {
	run -0 dwell --help
	for command in scan watch hunt plan ask cases show query export mute notify status report doctor; do
		[[ $output == *"$command"* ]]
		run -0 --separate-stderr dwell "$command" --help
		[[ $output == "usage: dwell $command "* && -z $stderr ]]
		run -0 dwell --help
	done
}

@test "help: names every option of its command and the default of the memory" {
	run -0 dwell scan --help
	for option in --memory --format --lang --home --sensor --all --exit-code --quiet --help; do
		[[ $output == *"$option"* ]]
	done
	[[ $output == *'$DWELL_MEMORY'* ]]
}

@test "help: every option is in the manual, and the manual has no option that is not" {
	for command in scan ask hunt plan cases show query export mute notify status report doctor; do
		dwell "$command" --help | grep -o -- '--[a-z-]*' | sort -u >said
		while read -r option; do
			[ "$option" = --output ] && option=-o
			cat "$ROOT/doc/man/dwell.1.scd" "$ROOT/doc/man/dwell-$command.1.scd" |
				grep -qF -- "*$option*"
		done <said
		# The SYNOPSIS of its page may name only options that the command takes.
		grep -o -- '\*--[a-z-]*\*' "$ROOT/doc/man/dwell-$command.1.scd" | tr -d '*' |
			sort -u >written
		run comm -13 said written
		[ -z "$output" ]
	done
}

@test "version: one line" {
	run -0 dwell --version
	[[ $output =~ ^dwell\ [0-9]+\.[0-9]+ ]]
}

@test "no command: exit 2, and the commands are listed on standard error" {
	run -2 --separate-stderr dwell
	[[ -z $output && $stderr == *"usage: dwell COMMAND"* ]]
}

@test "wrong command: exit 2 and one line that names it" {
	fails 2 dwell scna x.pcap
	[[ $stderr == *"'scna'"* && $stderr == *"--help"* ]]
	fails 2 dwell -m memory scan
}

@test "wrong option: exit 2 and one line that names it, in every command" {
	for command in scan ask hunt plan cases show query export mute notify status report doctor; do
		fails 2 dwell $command --colour
		[[ $stderr == *"dwell $command: "*"--colour"*"dwell $command --help"* ]]
		fails 2 dwell $command -Z
		[[ $stderr == *"-Z"* ]]
	done
}

@test "an option of another command is a wrong option" {
	fails 2 dwell cases --home 10.0.0.0/8
	[[ $stderr == *"--home"* ]]
	fails 2 dwell query --lang zh "SELECT 1"
	fails 2 dwell report --format json -o x.html
	fails 2 dwell scan -o x.html x.pcap
	[[ $stderr == *"-o"* ]]
}

@test "missing value: exit 2 and what is missing" {
	for option in -m --memory --format --lang --home --sensor; do
		fails 2 dwell scan $option
		[[ $stderr == *"needs a value"* ]]
	done
	fails 2 dwell report -o
	[[ $stderr == *"--output needs a value"* ]]
}

@test "a value for an option that takes none: exit 2" {
	fails 2 dwell scan --quiet=yes x.pcap
	[[ $stderr == *"--quiet takes no value"* ]]
	fails 2 dwell scan --all=3 x.pcap
	[[ $stderr == *"--all takes no value"* ]]
}

@test "bad values: exit 2, with the value and what a right one is" {
	fails 2 dwell scan --format yaml x.pcap
	[[ $stderr == *"'yaml'"*"table|json|csv"* ]]
	fails 2 dwell scan --lang fr x.pcap
	[[ $stderr == *"'fr'"*"en|zh"* ]]
	for home in 10.0.0.0/33 10.0.0/8 fd00::/129 example.org 10.0.0.0/8,, "" ,; do
		fails 2 dwell scan --home "$home" x.pcap
		[[ $stderr == *"'$home'"*"such as 10.0.0.0/8"* ]]
	done
	for sensor in ../x a/b "" .hidden "two words"; do
		fails 2 dwell scan --sensor "$sensor" x.pcap
		[[ $stderr == *"'$sensor'"*"A-Z"* ]]
	done
	fails 2 dwell scan -m "" x.pcap
}

@test "missing and superfluous arguments: exit 2 and what to name" {
	fails 2 dwell scan
	[[ $stderr == *"capture"* ]]
	fails 2 dwell show
	[[ $stderr == *"id"* ]]
	fails 2 dwell show one two
	fails 2 dwell query
	[[ $stderr == *"SQL"* ]]
	fails 2 dwell query "SELECT 1" "SELECT 2"
	fails 2 dwell report
	[[ $stderr == *"-o FILE.html"* ]]
	fails 2 dwell report -o x.html y.html
	[[ $stderr == *"'y.html'"* ]]
	fails 2 dwell doctor
	[[ $stderr == *"capture"* ]]
	fails 2 dwell cases now
	[[ $stderr == *"'now'"* ]]
}

@test "a wrong command line makes no memory" {
	fails 2 dwell scan --format yaml x.pcap
	fails 2 dwell scan
	[ ! -e memory ]
}

@test "reading from a memory that is not there: exit 2, its name, and none is made" {
	for command in "cases" "show x" "report -o x.html"; do
		fails 2 dwell $command -m nowhere
		[[ $stderr == *"no memory at nowhere"* ]]
	done
	fails 2 dwell query -m nowhere "SELECT 1"
	[ ! -e nowhere ] && [ ! -e x.html ]
}

@test "a file whose name begins with a dash is read after --" {
	make ./-dash.pcap --count 1
	scan m -- -dash.pcap
	[ "$(value m 'SELECT count(*) FROM conn')" = 1 ]
}
